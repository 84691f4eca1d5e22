import { depthOfPath } from "../core/map-path.ts";
import type { Ended, NodeChange } from "../core/node-decision.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import { applyChanges, spread } from "./spread.ts";
import type { RetryRelease } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Whether a back-off is over, without a transaction: most polls find nothing. */
export async function retriesDue(rows: Reader): Promise<RetryRelease | "due"> {
  const at = await rows.nextRetryAt();
  if (at === undefined) return { released: 0 };
  return at <= rows.now ? "due" : { released: 0, nextInMs: at - rows.now };
}

/** Moves task runs whose back-off is over from retrying to queued, and lets groups begin that are tried again. */
export async function releaseRetries(tx: Transaction, pipelines: CompiledPipelines): Promise<RetryRelease> {
  const keys = await tx.dueRetries(RELEASE_BATCH_MAX);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  const rows = await tx.taskRuns(keys);
  set.addTaskRuns(keys, rows);
  const due = rows.filter(({ state, dueAt }) => state === "retrying" && dueAt !== null && dueAt <= tx.now);
  for (const { key } of due) set.move(key, "queued");
  for (const row of due) if (set.taskSpec(row).execution.via === "none") await openJunction(tx, set, row);
  await endRuns(tx, set);
  await tx.apply(set.changes());
  const next = await tx.nextRetryAt();
  return { released: due.length, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

/** Nothing runs for a junction: where a task would be queued, it lets through what waits for it. */
async function openJunction(tx: Transaction, set: WorkingSet, row: TaskRunRow): Promise<void> {
  const { runKey, taskIndex: index, mapKey: path } = row;
  const { levels } = set.run(runKey).pipeline.graph;
  const to = levels.expandsAt(index, depthOfPath(path)) ? "expand" : "success";
  const change: NodeChange = { index, path, counts: row, from: "queued", to };
  const ended = await applyChanges(tx, set, { runKey, changes: [change] });
  const itself: readonly Ended[] = to === "success" ? [{ index, path, state: "success", decision: null }] : [];
  await spread(tx, set, new Map([[runKey, [...itself, ...ended]]]));
}

/** Task runs in one transaction; the rest follows in the next call, at once. */
const RELEASE_BATCH_MAX = 1_000;
