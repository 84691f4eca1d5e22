import type { RunState, TaskRunState } from "./state.ts";

/** Counts of a run row. */
export interface RunProgress {
  /** Task runs that are not finished. */
  readonly unfinished: number;
  /** Task runs for which `countsAsFailing` holds. */
  readonly failing: number;
  /** The run was asked to stop. */
  readonly cancelling: boolean;
}

/** The state in which a run ends (RS-1), or undefined while a task run of it is unfinished (RS-2). */
export function decideRunOutcome({ unfinished, failing, cancelling }: RunProgress): RunState | undefined {
  if (unfinished > 0) return undefined;
  if (cancelling) return "cancelled";
  return failing > 0 ? "failed" : "success";
}

/** Whether a task run in this state makes its run fail (RS-1): `upstream_failed` never does so by itself. */
export function countsAsFailing(state: TaskRunState, allowFailure: boolean): boolean {
  return (state === "failed" || state === "cancelled") && !allowFailure;
}
