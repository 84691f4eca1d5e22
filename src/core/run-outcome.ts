import type { RunState, TaskRunState } from "./state.ts";

/** Counts of a run row. */
export interface RunProgress {
  /** Task runs that are not finished. */
  readonly unfinished: number;
  /** Task runs for which `countsAsFailing` holds. */
  readonly failing: number;
  /** The run was asked to stop. */
  readonly cancelling: boolean;
  /** Why it was asked to. */
  readonly reason?: string | null;
}

/** The state in which a run ends (RS-1), or undefined while a task run of it is unfinished (RS-2). */
export function decideRunOutcome({
  unfinished,
  failing,
  cancelling,
  reason = null,
}: RunProgress): RunState | undefined {
  if (unfinished > 0) return undefined;
  if (cancelling) return stoppedOutcome(reason);
  return failing > 0 ? "failed" : "success";
}

/** Why a run is stopped that somebody has marked as failed. */
export const MARKED_FAILED = "marked_failed";

/** A run that a rule of its pipeline stops has failed (RS-4, RS-5), or that somebody fails; else it was cancelled. */
export function stoppedOutcome(reason: string | null): "failed" | "cancelled" {
  return reason !== null && FAILS.includes(reason) ? "failed" : "cancelled";
}

const FAILS: readonly string[] = ["timeout", "fail_fast", MARKED_FAILED];

/** Whether a task run in this state makes its run fail (RS-1): `upstream_failed` never does so by itself. */
export function countsAsFailing(state: TaskRunState, allowFailure: boolean): boolean {
  return (state === "failed" || state === "cancelled") && !allowFailure;
}

/** Whether so many ended runs in a row have failed (RS-6), the newest first; cancelled ones do not count. */
export function isSeriesOfFailures(outcomes: readonly RunState[], limit: number): boolean {
  const counted = outcomes.filter((state) => state === "failed" || state === "success").slice(0, limit);
  return counted.length === limit && counted.every((state) => state === "failed");
}
