import type { DataInterval, Instant } from "../instant.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";

/** What there is to know of a schedule when its ticks are decided. */
export interface ScheduleState {
  readonly spec: ScheduleSpec;
  /** Names it among all others, so that its jitter is its own. */
  readonly seed: string;
  /** When it was deployed: where it begins unless it has a start of its own. */
  readonly origin: Instant;
  /** End of the last interval that was decided. */
  readonly mark?: Instant;
  /** What its function has answered, when it has one. */
  readonly answer?: TickAnswer;
  /** The last run it has made. */
  readonly lastRun?: LastRun;
}

/** Ticks that the function of a schedule has named, ascending. */
export interface TickAnswer {
  readonly ticks: readonly Instant[];
  /** There are none after them: it is not asked again. */
  readonly isLast?: true;
}

export interface LastRun {
  readonly createdAt: Instant;
  /** Absent while it is under way. */
  readonly endedAt?: Instant;
}

/** What becomes of a schedule now. */
export interface TickPlan {
  /** Runs to create, in the order of time. */
  readonly runs: readonly PlannedInterval[];
  readonly gaps: readonly TickGap[];
  /** End of the last interval that is decided with this; absent when none is. */
  readonly mark?: Instant;
  /** When to look again: when the next tick is due, or at once when there is more than one step takes. */
  readonly nextAt?: Instant;
  /** Without a next time: nothing is to come, its last run is under way, or its function is to be asked. */
  readonly rest?: "ended" | "run" | "code";
}

export interface PlannedInterval {
  readonly interval: DataInterval;
  /** It is no step of the schedule: the schedule was changed (TI-6). */
  readonly isPartial?: true;
  /** It is several steps of the schedule at once: what was missed. */
  readonly isWide?: true;
}

/** Ticks after `from` up to `to` that make no run: they were missed, or a filter of the calendar leaves them out. */
export interface TickGap {
  readonly reason: "missed" | "calendar";
  readonly from: Instant;
  readonly to: Instant;
  readonly ticks: number;
}
