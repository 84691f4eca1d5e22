import { isFinished } from "../core/state.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { pauseFailing } from "./pause-failing.ts";
import { recountRun } from "./recount-run.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { RunId } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Ends runs in which nothing can happen any more (RS-3). That is always a defect, and a run that ends with a reason is
 * better than one that hangs: what is unfinished is cancelled and the run fails, with reason `stalled`.
 */
export async function failStalledRuns(tx: Transaction, pipelines: CompiledPipelines): Promise<readonly RunId[]> {
  await tx.closeClaimGate();
  const failed: RunId[] = [];
  for (const id of await tx.stalledRuns()) if (await failStalledRun(tx, pipelines, id)) failed.push(id);
  return failed;
}

async function failStalledRun(tx: Transaction, pipelines: CompiledPipelines, id: RunId): Promise<boolean> {
  const run = await tx.lockRun(id);
  // Asked again under the lock: a completion may have moved it on meanwhile.
  if (run === undefined || !(await tx.stalledRuns()).includes(id)) return false;
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], await tx.taskRunsOfRun(id, {}));
  for (const row of set.taskRunsOf(run.key)) if (!isFinished(row.state)) giveUp(set, row);
  await recountRun(tx, set, run.key);
  endRun(set, run);
  await pauseFailing(tx, set);
  await tx.apply(set.changes());
  return true;
}

function giveUp(set: WorkingSet, row: TaskRunRow): void {
  set.move(row.key, "cancelled", { reason: "stalled" });
  if (row.state !== "running") return;
  const { key: taskRunKey, token } = row;
  set.endAttempt({ taskRunKey, token, outcome: "lost", failure: null, cpuMs: null, peakMemoryBytes: null });
}

function endRun(set: WorkingSet, run: RunRow): void {
  set.moveRun(run.key, run.state === "cancelling" ? "cancelled" : "failed", { reason: "stalled" });
}
