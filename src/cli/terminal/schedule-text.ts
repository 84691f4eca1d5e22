import { formatDuration } from "../../core/duration.ts";
import { instantText } from "../../core/instant.ts";
import { DEFAULT_SCHEDULE, type ScheduleBound, type ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import type { TickFilter } from "../../core/schedule/tick-filter.ts";
import { timingText } from "../../core/schedule/timing-text.ts";
import { windowText } from "../../core/schedule/window-text.ts";

/** A schedule in short, for a list: `0 6 * * * Europe/Berlin`, with its name where it has one. */
export function scheduleSummary({ name, timing, timezone, enabled }: ScheduleSpec): string {
  const named = name === DEFAULT_SCHEDULE ? "" : `${name}: `;
  return `${named}${timingText(timing)} ${timezone}${enabled ? "" : " (off)"}`;
}

/** All that is said of a schedule, on one line. */
export function scheduleText(schedule: ScheduleSpec): string {
  const { name, timing, timezone, start, end, filter, jitterMs = 0, enabled } = schedule;
  const parts = [
    `${name === DEFAULT_SCHEDULE ? "schedule" : `schedule ${name}:`} ${timingText(timing)} (${timezone})`,
    ...(start === undefined ? [] : [`from ${boundText(start)}`]),
    ...(end === undefined ? [] : [`to ${boundText(end)}`]),
    ...(filter === undefined ? [] : filterParts(filter)),
    ...(jitterMs === 0 ? [] : [`up to ${formatDuration(jitterMs)} later`]),
    ...(enabled ? [] : ["off"]),
  ];
  return parts.join(", ");
}

function boundText(bound: ScheduleBound): string {
  return bound.kind === "date" ? bound.date : instantText(bound.at);
}

function filterParts({ windows = [], blackout = [], calendar }: TickFilter): readonly string[] {
  return [
    ...(windows.length === 0 ? [] : [`within ${windows.map(windowText).join(" or ")}`]),
    ...(blackout.length === 0 ? [] : [`not on ${blackout.map(rangeText).join(", ")}`]),
    ...(calendar === undefined ? [] : [`not on holidays of ${calendar}`]),
  ];
}

function rangeText({ from, to }: NonNullable<TickFilter["blackout"]>[number]): string {
  return from === to ? from : `${from} to ${to}`;
}
