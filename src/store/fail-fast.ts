import { isRunFinished, type RunState } from "../core/state.ts";
import { groupToRetry } from "./failed-groups.ts";
import type { TaskRunRow } from "./rows.ts";
import { stopRun } from "./stop-run.ts";
import type { RunId } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Stops the runs that are to end at their first final failure, and of which a task run has failed now (RS-5); gives those that ended. */
export async function failFast(
  tx: Transaction,
  set: WorkingSet,
  ended: readonly TaskRunRow[],
): Promise<ReturnType<WorkingSet["finishRuns"]>> {
  const finished: { readonly runId: RunId; readonly state: RunState }[] = [];
  for (const { after: run, pipeline } of set.runs()) {
    if (pipeline.spec.failFast === undefined || run.state !== "running") continue;
    const failed = ended.find((row) => row.runKey === run.key && isDecisive(set, row));
    if (failed === undefined) continue;
    set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
    const message = `Task "${set.taskSpec(failed).name}" failed, and the run is to end at its first failure.`;
    await stopRun(tx, set, run.key, { reason: "fail_fast", message });
    const { state } = set.run(run.key).after;
    if (isRunFinished(state)) finished.push({ runId: run.id, state });
  }
  return finished;
}

/** A failure that makes the run fail (RS-1), and not one after which its group is tried again (GR-1). */
function isDecisive(set: WorkingSet, row: TaskRunRow): boolean {
  return row.state === "failed" && !set.taskSpec(row).allowFailure && groupToRetry(set, row) === undefined;
}
