import { operatorOf } from "../core/operator-reason.ts";
import { isRunFinished, type RunState } from "../core/state.ts";
import { stopRun } from "./stop-run.ts";
import type { RunId } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Stops the runs that are to end at their first final failure, and of which a task run has failed now (RS-5); gives those
 * that ended. A failure is final when its dead letter is opened: by now its group may have begun its last attempt.
 */
export async function failFast(tx: Transaction, set: WorkingSet): Promise<ReturnType<WorkingSet["finishRuns"]>> {
  const finished: { readonly runId: RunId; readonly state: RunState }[] = [];
  for (const { after: run, pipeline } of set.runs()) {
    if (pipeline.spec.failFast === undefined || run.state !== "running") continue;
    // What a person says of one task run ends that one alone.
    const [failed] = set.finalFailures(run.key).filter(({ reason }) => operatorOf(reason ?? undefined) === undefined);
    if (failed === undefined) continue;
    set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
    const message = `Task "${set.taskSpec(failed).name}" failed, and the run is to end at its first failure.`;
    await stopRun(tx, set, run.key, { reason: "fail_fast", message });
    const { state } = set.run(run.key).after;
    if (isRunFinished(state)) finished.push({ runId: run.id, state });
  }
  return finished;
}
