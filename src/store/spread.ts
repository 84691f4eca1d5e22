import type { Position } from "../core/map-path.ts";
import type { Ended, NodeChange } from "../core/node-decision.ts";
import { type PropagationResult, propagate } from "../core/propagate.ts";
import { earlierItems, removeItem } from "./earlier-items.ts";
import { expandMap } from "./expand-map.ts";
import { toDecision } from "./records.ts";
import { retryGroup } from "./retry-group.ts";
import type { TaskRunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import { endVanished } from "./vanished-items.ts";
import type { WorkingSet } from "./working-set.ts";

/** What has ended, by the key of its run. */
export type EndedByRun = ReadonlyMap<number, readonly Ended[]>;

/**
 * Counts what has ended at its dependants and moves what is decided by it, hop by hop. Maps that are to be expanded, and
 * groups that are tried again, are so on the way, and what comes of them is carried on like any other end.
 */
export async function spread(tx: Transaction, set: WorkingSet, ended: EndedByRun): Promise<void> {
  for (let wave = withoutEmpty(ended); wave.size > 0; ) {
    const next = new Map<number, readonly Ended[]>();
    for (const { runKey, changes } of await decided(tx, set, wave)) {
      next.set(runKey, await applyChanges(tx, set, { runKey, changes }));
    }
    wave = withoutEmpty(next);
  }
}

interface RunChanges {
  readonly runKey: number;
  readonly changes: readonly NodeChange[];
}

/**
 * Moves what is decided; gives what has ended beyond what the decisions themselves have carried on. All that is plain
 * comes first: who expands a map or tries a group again finds every row as it is.
 */
export async function applyChanges(
  tx: Transaction,
  set: WorkingSet,
  { runKey, changes }: RunChanges,
): Promise<readonly Ended[]> {
  const startsNothing = set.run(runKey).after.state === "queued";
  for (const change of changes) applyPlain(set, runKey, startsNothing ? withoutStart(change) : change);
  if (startsNothing && changes.some(isStart)) set.awaitPlace(runKey);
  await removeItemsOf(tx, set, { runKey, changes });
  if (startsNothing) return [];
  let ended = await endVanished(tx, set, { runKey, changes });
  for (const change of changes) {
    if (change.to !== "expand" && change.to !== "retry_group") continue;
    const row = rowOf(set, runKey, change);
    const follow = await (change.to === "expand" ? expandMap : retryGroup)(tx, set, row);
    const more = await applyChanges(tx, set, { runKey, changes: follow.changes });
    ended = [...(follow.recounted ? [] : ended), ...follow.ended, ...more];
  }
  return ended;
}

/** A run that waits for its place is decided as far as nothing of it begins; the rest is decided when the run begins. */
function withoutStart(change: NodeChange): NodeChange {
  if (!isStart(change)) return change;
  const { to: _, ...counted } = change;
  return counted;
}

function isStart({ to }: NodeChange): boolean {
  return to !== undefined && to !== "skipped" && to !== "upstream_failed" && to !== "success";
}

/** A map that has been expanded before, and ends without being expanded again, takes its items with it. */
async function removeItemsOf(tx: Transaction, set: WorkingSet, { runKey, changes }: RunChanges): Promise<void> {
  if (!set.run(runKey).pipeline.graph.levels.isMapped) return;
  for (const change of changes) {
    // A junction of a mapped group may succeed unexpanded: when what it sums up has ended with the group.
    if (change.to !== "skipped" && change.to !== "upstream_failed" && change.to !== "success") continue;
    const row = rowOf(set, runKey, change);
    for (const item of await earlierItems(tx, set, row, [row])) removeItem(set, item);
  }
}

function applyPlain(set: WorkingSet, runKey: number, change: NodeChange): void {
  const { counts, to, reason } = change;
  const { key } = rowOf(set, runKey, change);
  if (to === undefined || to === "expand" || to === "retry_group") set.setCounts(key, counts);
  else set.move(key, to, { counts, ...(reason === undefined ? {} : { reason }) });
}

function rowOf(set: WorkingSet, runKey: number, { index, path }: Position): TaskRunRow {
  const row = set.at(runKey, { index, path });
  if (row === undefined) throw new Error(`The transaction did not read task ${index} of run ${runKey}`);
  return row;
}

/** What follows for each run. Rows that turn out to be needed are read in between; nothing changes before all are there. */
async function decided(tx: Transaction, set: WorkingSet, ended: EndedByRun): Promise<readonly RunChanges[]> {
  for (;;) {
    const results = [...ended].map(([runKey, finished]) => ({ runKey, ...propagated(set, runKey, finished) }));
    const lacking = results.filter(({ missing }) => missing.length > 0);
    if (lacking.length === 0) return results;
    for (const { runKey, missing } of lacking) await read(tx, set, runKey, missing);
  }
}

function propagated(set: WorkingSet, runKey: number, finished: readonly Ended[]): PropagationResult {
  const { pipeline } = set.run(runKey);
  return propagate({
    tasks: pipeline.spec.tasks,
    graph: pipeline.graph,
    finished,
    known: (position) => view(set.at(runKey, position)),
    partOfRun: (position) => !set.isAbsentAt(runKey, position),
  });
}

function view(row: TaskRunRow | undefined) {
  return row === undefined ? undefined : { state: row.state, counts: row, decision: toDecision(row.decision) };
}

async function read(tx: Transaction, set: WorkingSet, runKey: number, positions: readonly Position[]): Promise<void> {
  const { firstKey } = set.run(runKey).after;
  const keys = positions.filter(({ path }) => path === "").map(({ index }) => firstKey + index);
  if (keys.length > 0) set.addTaskRuns(keys, await tx.taskRuns(keys));
  const mapped = positions.filter(({ path }) => path !== "");
  if (mapped.length > 0) set.addTaskRunsAt(runKey, mapped, await tx.taskRunsAt(runKey, mapped));
}

function withoutEmpty(ended: EndedByRun): Map<number, readonly Ended[]> {
  return new Map([...ended].filter(([, list]) => list.length > 0));
}
