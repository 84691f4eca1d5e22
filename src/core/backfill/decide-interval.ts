import type { DataInterval } from "../instant.ts";
import { isRunFinished, type RunState } from "../state.ts";

/** Which intervals a backfill runs: those without a run, also those that failed, or every one (BF-2). */
export const REPROCESS = ["missing", "failed", "all"] as const;
export type Reprocess = (typeof REPROCESS)[number];

/** Why an interval is left as it is; `filtered`: the calendar of its schedule makes no run of it (TI-8). */
export const SKIP_REASONS = ["in_flight", "succeeded", "failed", "filtered"] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** A whole run, as far as it says how an interval stands. */
export interface IntervalRun extends DataInterval {
  readonly state: RunState;
}

/**
 * Whether an interval is to run: by the state of its newest run, whatever has triggered it. What is in flight is never
 * touched. A run that was cancelled has not done its work: it counts as failed.
 */
export function decideInterval(newest: RunState | undefined, reprocess: Reprocess): "run" | SkipReason {
  if (newest === undefined) return "run";
  if (!isRunFinished(newest)) return "in_flight";
  if (reprocess === "all") return "run";
  if (newest === "success") return "succeeded";
  return reprocess === "failed" ? "run" : "failed";
}

/**
 * The newest run that speaks for an interval: one that ends with it, as also a partial one does after a change of the
 * schedule, or one that covers it. `runs` come newest first.
 */
export function newestRunOf<Run extends DataInterval>(interval: DataInterval, runs: readonly Run[]): Run | undefined {
  return runs.find(({ start, end }) => {
    const isPart = start >= interval.start && end === interval.end;
    return isPart || (start <= interval.start && end >= interval.end);
  });
}
