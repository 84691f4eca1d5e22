import { formatDuration } from "../core/duration.ts";
import { type Instant, iso } from "../core/instant.ts";
import { timingText } from "../core/schedule/timing-text.ts";
import { timeZone } from "../core/time-zone.ts";
import type { HeldBack, Preview, PreviewedSchedule, PreviewedTick } from "./preview-ticks.ts";
import type { Output } from "./terminal/output.ts";
import { type Column, renderTable } from "./terminal/table.ts";

/** What `--json` shows; instants are ISO 8601 in UTC. */
export function previewReport(schedules: readonly PreviewedSchedule[], { ticks, heldBack }: Preview): object {
  return {
    schedules: schedules.map(({ name, timing, timezone }) => ({ name, timing: timingText(timing), timezone })),
    ticks: ticks.map(({ schedule, scheduled: { interval, ds }, notes }) => ({
      schedule: schedule.name,
      at: iso(interval.end),
      local: localText(schedule, interval.end),
      ds,
      interval: { start: iso(interval.start), end: iso(interval.end) },
      notes,
    })),
    heldBack: heldBack.map(({ schedule, from, to, count, why }) => ({
      schedule: schedule.name,
      ...{ from: iso(from), to: iso(to), count, why },
    })),
    notes: schedules.flatMap(scheduleNotes),
  };
}

/** A line for each tick that makes a run, and for each row of ticks that does not. */
export function previewText(
  schedules: readonly PreviewedSchedule[],
  { ticks, heldBack }: Preview,
  output: Pick<Output, "columns" | "colors">,
): string {
  const zones = new Set(schedules.map(({ timezone }) => timezone));
  const [only] = zones;
  const columns: readonly Column[] = [
    ...(schedules.length > 1 ? [{ title: "SCHEDULE" }] : []),
    { title: "DS" },
    { title: zones.size === 1 ? `FIRES (${only})` : "FIRES" },
    { title: "UTC" },
    { title: "INTERVAL", whenNarrow: "yields" },
    { title: "NOTES", whenNarrow: "shrinks" },
  ];
  const named = (schedule: PreviewedSchedule, cells: readonly string[]): readonly string[] =>
    schedules.length > 1 ? [schedule.name, ...cells] : cells;
  const rows = [
    ...ticks.map((tick) => ({ at: tick.scheduled.interval.end, cells: named(tick.schedule, tickCells(tick)) })),
    ...heldBack.map((held) => ({ at: held.from, cells: named(held.schedule, heldCells(held)) })),
  ].toSorted((one, other) => one.at - other.at);
  const table =
    rows.length === 0
      ? "Nothing fires."
      : renderTable(
          columns,
          rows.map(({ cells }) => cells),
          output,
        );
  const isKnown = rows.length > 0 || schedules.some((schedule) => !isUnforeseen(schedule));
  const notes = schedules.flatMap(scheduleNotes).map((line) => output.colors.dim(line));
  return [...(isKnown ? [table] : []), ...notes].join("\n");
}

/** Nobody can say of these that nothing fires. */
function isUnforeseen({ timing, start }: PreviewedSchedule): boolean {
  return timing.kind === "continuous" || timing.kind === "code" || (timing.kind === "once" && start === undefined);
}

function tickCells({ schedule, scheduled: { interval, ds }, notes }: PreviewedTick): readonly string[] {
  const { start, end } = interval;
  return [
    ds,
    localText(schedule, end),
    utc(end),
    `${utc(start)}/${utc(end)}`,
    notes.map(({ text }) => text).join("; "),
  ];
}

function heldCells({ schedule, from, to, count, why }: HeldBack): readonly string[] {
  const until = count === 1 ? "" : ` to ${localText(schedule, to)}`;
  return ["–", localText(schedule, from), utc(from), "", `no run${until}: ${why}`];
}

/** What a list of ticks cannot show. */
function scheduleNotes({ name, timing, start, jitterMs, enabled }: PreviewedSchedule): readonly string[] {
  const notes = {
    ...{ cron: [], every: [], every_days: [] },
    once: start === undefined ? [`Schedule ${name} fires once, when it is deployed first.`] : [],
    continuous: [`Schedule ${name} fires when its last run has ended: it has no times that could be told beforehand.`],
    code: [`Schedule ${name} asks a function of its pipeline, which is not called here.`],
  }[timing.kind];
  return [
    ...notes,
    ...(jitterMs === undefined || jitterMs === 0
      ? []
      : [`Runs of schedule ${name} start up to ${formatDuration(jitterMs)} after these times.`]),
    ...(enabled === false ? [`Schedule ${name} is off.`] : []),
  ];
}

/** As the clocks of the schedule's zone show it: `Sun 2023-10-29 02:00 +02:00`. */
function localText({ timezone }: PreviewedSchedule, instant: Instant): string {
  const zone = timeZone(timezone);
  const wall = new Date(zone.wallTime(instant));
  const seconds = wall.getUTCSeconds() === 0 ? 16 : 19;
  const day = WEEKDAYS[wall.getUTCDay()] ?? "";
  return `${day} ${wall.toISOString().slice(0, seconds).replace("T", " ")} ${offsetText(zone.offsetAt(instant))}`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function offsetText(offsetMs: number): string {
  const text = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16);
  return `${offsetMs < 0 ? "-" : "+"}${text}`;
}

/** Short, and good for `--interval`. */
function utc(instant: Instant): string {
  return iso(instant).replace(/(:00)?\.000Z$/, "Z");
}
