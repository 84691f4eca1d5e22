import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { type AttemptVerdict, endAttempts, endedByRun } from "./end-attempts.ts";
import { endRuns } from "./end-runs.ts";
import { cancelFailedGroups, readGroupEnds } from "./failed-groups.ts";
import { lockCursors } from "./move-cursors.ts";
import { pauseFailing } from "./pause-failing.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { spread } from "./spread.ts";
import type { Completion } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** What a batch of completions led to, decided and not yet written. */
export interface Settlement {
  readonly set: WorkingSet;
  /** One for each completion, in order. */
  readonly verdicts: readonly AttemptVerdict[];
  readonly finishedRuns: ReturnType<WorkingSet["finishRuns"]>;
}

/**
 * Ends attempts and decides all that follows, under the locks of their runs: the task runs themselves, their
 * dependants as far down as rules decide, and the runs.
 */
export async function settle(
  tx: Transaction,
  pipelines: CompiledPipelines,
  completions: readonly Completion[],
): Promise<Settlement> {
  const keys = endedKeys(completions);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  const wanted = pipelines.blocks.withBehind(keys);
  const [rows, leases] = await Promise.all([tx.taskRuns(wanted), tx.leases(keys)]);
  set.addTaskRuns(wanted, rows);
  await readGroupEnds(tx, set, keys);
  await lockCursors(tx, set, completions);
  const verdicts = endAttempts(set, completions, leases);
  const ended = verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? [verdict.taskRun] : []));
  return { set, verdicts, finishedRuns: await settleEnded(tx, set, ended) };
}

/** Each once. */
export function endedKeys(completions: readonly Completion[]): readonly number[] {
  return [...new Set(completions.map(({ taskRunKey }) => taskRunKey))];
}

/** Decides all that follows from task runs that have ended; gives the runs that ended with them. */
export async function settleEnded(
  tx: Transaction,
  set: WorkingSet,
  ended: readonly TaskRunRow[],
): Promise<Settlement["finishedRuns"]> {
  const cancelled = await cancelFailedGroups(tx, set, ended);
  await spread(tx, set, endedByRun(set, new Set([...ended.map(({ key }) => key), ...cancelled])));
  const finished = await endRuns(tx, set);
  if (finished.length > 0) await pauseFailing(tx, set);
  return finished;
}

/** A working set of runs that this transaction has locked. */
export async function lockedSet(
  tx: Transaction,
  pipelines: CompiledPipelines,
  runs: readonly RunRow[],
): Promise<WorkingSet> {
  const set = new WorkingSet(tx.now);
  for (const run of runs) {
    const pipeline = await pipelines.get(tx, run.versionHash, run.pipeline);
    pipelines.blocks.note({ firstKey: run.firstKey, graph: pipeline.graph });
    set.addRun(run, pipeline);
  }
  return set;
}
