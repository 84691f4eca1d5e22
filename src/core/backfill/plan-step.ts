import type { DataInterval, Instant } from "../instant.ts";
import type { IntervalOrder, ScheduledInterval } from "../schedule/intervals-between.ts";
import { cursorAfter } from "./backfill-range.ts";
import { decideInterval, type IntervalRun, newestRunOf, type Reprocess, type SkipReason } from "./decide-interval.ts";

export interface BackfillStep {
  /** To be run now. */
  readonly runs: readonly DataInterval[];
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Those that were skipped, one by one. */
  readonly left: readonly SkippedInterval[];
  /** After the last interval that was decided; absent when none was. */
  readonly cursor?: Instant;
}

export interface SkippedInterval extends DataInterval {
  readonly reason: SkipReason;
}

export interface StepFacts {
  /** The next of the walk. */
  readonly intervals: readonly Pick<ScheduledInterval, "interval" | "filtered">[];
  /** Whole runs of these intervals, newest first. */
  readonly runs: readonly IntervalRun[];
  readonly order: IntervalOrder;
  readonly reprocess: Reprocess;
  /** Runs that may be created. */
  readonly room: number;
}

/** Decides intervals one after the other, until one is to run for which there is no room. */
export function planStep({ intervals, runs, order, reprocess, room }: StepFacts): BackfillStep {
  const byEnd = Map.groupBy(runs, ({ end }) => end);
  const wide = runs.filter(({ start, end }) =>
    intervals.some((one) => start <= one.interval.start && end > one.interval.end),
  );
  const wanted: DataInterval[] = [];
  const skipped = { in_flight: 0, succeeded: 0, failed: 0, filtered: 0 };
  const left: SkippedInterval[] = [];
  let cursor: Instant | undefined;
  for (const { interval, filtered } of intervals) {
    const own = wide.length === 0 ? (byEnd.get(interval.end) ?? []) : runs;
    const newest = newestRunOf(interval, own)?.state;
    const verdict = filtered === undefined ? decideInterval(newest, reprocess) : "filtered";
    if (verdict === "run" && wanted.length === room) break;
    if (verdict === "run") wanted.push(interval);
    else {
      skipped[verdict] += 1;
      left.push({ ...interval, reason: verdict });
    }
    cursor = cursorAfter(order, interval);
  }
  return { runs: wanted, skipped, left, ...(cursor === undefined ? {} : { cursor }) };
}
