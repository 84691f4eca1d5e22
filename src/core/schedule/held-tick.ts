import type { Instant } from "../instant.ts";
import { timeZone } from "../time-zone.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";
import { type FilterReason, filterReasonText } from "./tick-filter.ts";
import { windowText } from "./window-text.ts";

/** A tick that makes no run, and why. */
export interface HeldTick {
  readonly tick: Instant;
  readonly reason: FilterReason;
}

/** For people, by local clocks: `2026-11-27 05:30 is outside the windows of the schedule (mon-fri 08:00-18:00)`. */
export function heldText({ filter, timezone }: Pick<ScheduleSpec, "filter" | "timezone">, held: readonly HeldTick[]) {
  const zone = timeZone(timezone);
  const windows = filter?.windows?.map(windowText).join(", ");
  return held
    .map(({ tick, reason }) => {
      if (reason.by === "holiday") return filterReasonText(reason);
      const at = new Date(zone.wallTime(tick)).toISOString().slice(0, 16).replace("T", " ");
      return `${at} is ${filterReasonText(reason)}${reason.by === "windows" ? ` (${windows})` : ""}`;
    })
    .join("; ");
}
