import { type Ended, type PropagationResult, propagate } from "../core/propagate.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { type AttemptVerdict, endAttempts, endedByRun } from "./end-attempts.ts";
import { failFast } from "./fail-fast.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import type { Completion } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import { type RunInWork, WorkingSet } from "./working-set.ts";

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
  const keys = [...new Set(completions.map((completion) => completion.taskRunKey))];
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  const wanted = withDependants(set, keys);
  const [rows, leases] = await Promise.all([tx.taskRuns(wanted), tx.leases(keys)]);
  set.addTaskRuns(wanted, rows);
  const verdicts = endAttempts(set, completions, leases);
  const ended = verdicts.flatMap((verdict) => (verdict.kind === "accepted" ? [verdict.taskRun] : []));
  return { set, verdicts, finishedRuns: await settleEnded(tx, set, ended) };
}

/** Decides all that follows from task runs that have ended; gives the runs that ended with them. */
export async function settleEnded(
  tx: Transaction,
  set: WorkingSet,
  ended: readonly TaskRunRow[],
): Promise<Settlement["finishedRuns"]> {
  await spread(tx, set, endedByRun(ended));
  return [...(await failFast(tx, set, ended)), ...set.finishRuns()];
}

/** A working set of runs that this transaction has locked. */
export async function lockedSet(
  tx: Transaction,
  pipelines: CompiledPipelines,
  runs: readonly RunRow[],
): Promise<WorkingSet> {
  const set = new WorkingSet(tx.now);
  for (const run of runs) set.addRun(run, await pipelines.get(tx, run.versionHash, run.pipeline));
  return set;
}

/**
 * Counts what has ended at its dependants and moves what is decided by it, hop by hop. Rows that turn out to be
 * needed are read in between; nothing changes before all are there.
 */
async function spread(tx: Transaction, set: WorkingSet, ended: ReadonlyMap<number, readonly Ended[]>): Promise<void> {
  for (;;) {
    const results = [...ended].map(([runKey, finished]) => ({
      run: set.run(runKey),
      ...propagated(set, runKey, finished),
    }));
    const missing = results.flatMap(({ run, missing }) => missing.map((index) => run.after.firstKey + index));
    if (missing.length === 0) {
      for (const { run, changes } of results) applyChanges(set, run, changes);
      return;
    }
    set.addTaskRuns(missing, await tx.taskRuns(missing));
  }
}

function propagated(set: WorkingSet, runKey: number, finished: readonly Ended[]): PropagationResult {
  const { after, pipeline } = set.run(runKey);
  const known = new Map(
    set.taskRunsOf(runKey).map((row) => [row.taskIndex, { state: row.state, counts: row }] as const),
  );
  return propagate({
    tasks: pipeline.spec.tasks,
    graph: pipeline.graph,
    finished,
    known,
    partOfRun: (index) => !set.isAbsent(after.firstKey + index),
  });
}

function applyChanges(set: WorkingSet, run: RunInWork, changes: PropagationResult["changes"]): void {
  for (const { index, counts, to, reason } of changes) {
    const key = run.after.firstKey + index;
    if (to === undefined) set.setCounts(key, counts);
    else set.move(key, to, { counts, ...(reason === undefined ? {} : { reason }) });
  }
}

/** The direct dependants are nearly always needed: reading them with the rest saves a round trip. */
function withDependants(set: WorkingSet, keys: readonly number[]): readonly number[] {
  const wanted = new Set(keys);
  for (const { after, pipeline } of set.runs()) {
    const { firstKey } = after;
    for (const key of keys) {
      for (const index of pipeline.graph.dependants[key - firstKey] ?? []) wanted.add(firstKey + index);
    }
  }
  return [...wanted];
}
