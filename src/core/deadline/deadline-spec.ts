import { formatDuration } from "../duration.ts";

/** By when a task or a run must have ended. It is late whatever the reason: a wait, a pause, a slow upstream. */
export type DeadlineSpec = WithinDeadline | ClockDeadline | NextDeadline | UsualDeadline;

/** Of a run from its creation, of a task from the start of its run. */
export interface WithinDeadline {
  readonly kind: "within";
  readonly ms: number;
}

/** A time of day on the day on which the interval ends, or so many days after. */
export interface ClockDeadline {
  readonly kind: "by";
  /** Minutes after midnight. */
  readonly minute: number;
  /** That of the run when absent. */
  readonly timezone?: string;
  readonly day: number;
}

/** The next tick of the schedule whose interval the run works on. */
export interface NextDeadline {
  readonly kind: "before_next";
}

/** So many times what 95 of 100 of the last successful ones have taken, from the start of the run or of the task. */
export interface UsualDeadline {
  readonly kind: "slower_than";
  readonly factor: number;
  /** How many successful runs are looked at. */
  readonly of: number;
}

/** With fewer successful runs nobody knows what is usual. */
export const USUAL_RUNS_MIN = 5;

/** As a person would say it: `by 08:00`. `allowedMs` is what the usual time has made of one. */
export function deadlineText(spec: DeadlineSpec, allowedMs?: number): string {
  switch (spec.kind) {
    case "within":
      return `within ${formatDuration(spec.ms)}`;
    case "by":
      return `by ${clockText(spec)}`;
    case "before_next":
      return "before the next interval";
    case "slower_than":
      return allowedMs === undefined
        ? `within ${spec.factor} times the usual`
        : `within ${formatDuration(allowedMs)}, ${spec.factor} times the usual`;
  }
}

function clockText({ minute, timezone, day }: ClockDeadline): string {
  const time = [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
  const later = day === 0 ? "" : day === 1 ? " of the next day" : `, ${day} days later`;
  return `${time}${later}${timezone === undefined ? "" : ` (${timezone})`}`;
}
