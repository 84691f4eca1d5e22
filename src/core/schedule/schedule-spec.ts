import type { Instant } from "../instant.ts";
import type { Json } from "../json.ts";
import type { TickFilter } from "./tick-filter.ts";

/** When a pipeline runs by itself, as plain data. A pipeline may have several, each with a name of its own (TI-5). */
export interface ScheduleSpec {
  readonly name: string;
  /** IANA zone in which it is read, and in which `ds` of its runs is the date. */
  readonly timezone: string;
  readonly timing: Timing;
  /** Selects intervals; what lies before is no part of the schedule. Without it a schedule begins when it is deployed. */
  readonly start?: ScheduleBound;
  readonly end?: ScheduleBound;
  /** Ticks that it lets through; the others are recorded as skipped (TI-8). */
  readonly filter?: TickFilter;
  /** Runs are created up to so much later, always by the same for one schedule; the interval stays as it is. */
  readonly jitterMs?: number;
  readonly catchUp: CatchUp;
  /** Ticks late by less than this are all created (TI-4). */
  readonly graceMs: number;
  /** False: it is off, and behaves like one that is paused. */
  readonly enabled: boolean;
  /** Parameters of its runs, validated and completed by the pipeline's own schema. */
  readonly params: Json;
}

export type Timing =
  /** Five fields, six with seconds, or a name such as `@daily` (TI-7). */
  | { readonly kind: "cron"; readonly expression: string }
  /** Elapsed time, counted from the anchor; without one from the local midnight that began 1970 in its zone. */
  | { readonly kind: "every"; readonly ms: number; readonly anchor?: Instant }
  /** Every so many days at the time of day of the anchor, midnight without one: it keeps the wall clock. */
  | { readonly kind: "every_days"; readonly days: number; readonly anchor?: Instant }
  /** The interval is [start, start): one run. */
  | { readonly kind: "once" }
  /** The next run begins when the last one has ended, but not sooner than `gapMs` after it began. */
  | { readonly kind: "continuous"; readonly gapMs: number }
  /** A function of the pipeline's file says when it fires. */
  | { readonly kind: "code" };

/** What the ticks of a schedule hang on. */
export type TimingInZone = Pick<ScheduleSpec, "timing" | "timezone">;

/** A date selects intervals by their `ds`, an instant those wholly on its side; both are inclusive (TI-9). */
export type ScheduleBound =
  | { readonly kind: "date"; readonly date: string }
  | { readonly kind: "instant"; readonly at: Instant };

/** What becomes of ticks that are later than the grace time: the newest, none, all, the newest n, or one run over all. */
export type CatchUp = "latest" | "none" | "all" | "coalesce" | { readonly max: number };

export const DEFAULT_SCHEDULE = "main";

export const DEFAULT_GRACE_MS = 10 * 60_000;
