import { childReason } from "../core/child-reason.ts";
import type { Failure } from "../core/failure.ts";
import { decideRetry } from "../core/retry-policy.ts";
import { isRunFinished } from "../core/state.ts";
import type { ChildSettlement } from "./child-records.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { failTaskRun, retryTaskRun, succeedTaskRun } from "./end-attempts.ts";
import { readGroupEnds } from "./failed-groups.ts";
import { toStoredValue } from "./records.ts";
import type { AwaitedRow, TaskRunRow } from "./rows.ts";
import { lockedSet, settleEnded } from "./settle.ts";
import { stop } from "./stop.ts";
import type { Database, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Ends all waits that can end now, each in a transaction of its own. */
export async function settleChildren(
  database: Pick<Database, "read" | "write">,
  pipelines: CompiledPipelines,
): Promise<ChildSettlement> {
  const ends: boolean[] = [];
  for (const one of await database.read((rows) => rows.children.awaited())) {
    ends.push(await database.write((tx) => settleChild(tx, pipelines, one)));
  }
  return { settled: ends.filter(Boolean).length };
}

/**
 * Ends the wait of one task run for a run of another pipeline: with the run's value, or its failure, or by cancelling
 * the run when nobody waits for it any more. False: somebody else was faster.
 */
async function settleChild(tx: Transaction, pipelines: CompiledPipelines, awaited: AwaitedRow): Promise<boolean> {
  await tx.closeClaimGate();
  const [parent] = await tx.lockRunsOf([awaited.taskRunKey]);
  if (parent === undefined) return false;
  // Read again under the lock: it may have gone on meanwhile.
  const now = (await tx.children.awaited(awaited)).at(0);
  if (now === undefined) return false;
  if (!now.isWaiting) {
    if (!isRunFinished(now.childState))
      await stop(tx, pipelines, { run: now.childId, how: "cancel", actor: `run ${parent.id}` });
    // After the child was locked: the first write gives the transaction its place among the events.
    await tx.children.endAwaited(now);
    return true;
  }
  await tx.children.endAwaited(now);
  const set = await lockedSet(tx, pipelines, [parent]);
  set.addTaskRuns([now.taskRunKey], await tx.taskRuns([now.taskRunKey]));
  await readGroupEnds(tx, set, [now.taskRunKey]);
  const row = set.taskRun(now.taskRunKey);
  if (row === undefined) throw new Error(`Task run ${now.taskRunKey} waits for a run, and is not there`);
  const ended =
    now.childState === "success" ? await succeed(tx, pipelines, set, { row, now }) : fail(set, row, failureOf(now));
  await settleEnded(tx, set, [ended]);
  await tx.apply(set.changes());
  return true;
}

async function succeed(
  tx: Transaction,
  pipelines: CompiledPipelines,
  set: WorkingSet,
  { row, now }: { readonly row: TaskRunRow; readonly now: AwaitedRow },
): Promise<TaskRunRow> {
  const { spec } = await pipelines.get(tx, now.childVersion, now.childPipeline);
  const value = spec.result === undefined ? undefined : await tx.output(now.childFirstKey + spec.result);
  return succeedTaskRun(set, row, {
    kind: "success",
    reason: childReason(now.childId),
    ...(value === undefined ? {} : { output: toStoredValue(value) }),
  });
}

/** By the policy of the task: another attempt starts another run. */
function fail(set: WorkingSet, row: TaskRunRow, failure: Failure): TaskRunRow {
  const { key, attempt, lost, generation } = row;
  const decision = decideRetry({
    policy: set.taskSpec(row).retries,
    ...{ attempt, lost, failure },
    seed: `${set.run(row.runKey).after.id}/${key}/${generation}/${attempt}`,
  });
  if (decision.kind === "final") return failTaskRun(set, row, failure);
  return retryTaskRun(set, row, { kind: "retrying", failure, delayMs: decision.delayMs });
}

function failureOf({ childId, childPipeline, childState }: AwaitedRow): Failure {
  return childState === "cancelled"
    ? { reason: "cancelled", message: `Run ${childId} of pipeline "${childPipeline}" was cancelled.` }
    : { reason: "child_failed", message: `Run ${childId} of pipeline "${childPipeline}" failed.` };
}
