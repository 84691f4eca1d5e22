import type { RunState, TaskRunState } from "./state.ts";

export interface RunCounts {
  /** Task runs that have not finished. */
  readonly unfinished: number;
  /** Task runs for which `countsAsFailing` holds. */
  readonly failing: number;
  readonly cancelling: boolean;
}

/** How a run has ended, or undefined while it has not: finished iff all its task runs are (RS-1, RS-2). */
export function decideRunOutcome({ unfinished, failing, cancelling }: RunCounts): RunState | undefined {
  if (unfinished > 0) return undefined;
  if (cancelling) return "cancelled";
  return failing > 0 ? "failed" : "success";
}

/** Whether a task run in this state fails its run; `upstream_failed` never decides by itself (RS-1). */
export function countsAsFailing(state: TaskRunState, allowFailure: boolean): boolean {
  return (state === "failed" || state === "cancelled") && !allowFailure;
}
