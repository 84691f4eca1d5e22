import { overflowing } from "../core/key-overflow.ts";
import { holdsOf } from "../core/lane-plan.ts";
import type { KeyOverflowing } from "../core/scope.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { toLaneView, toScopeView } from "./lane-records.ts";
import type { OverflowResult } from "./limit-records.ts";
import { lockedSet, settleEnded } from "./settle.ts";
import { requestStops } from "./stop-attempts.ts";
import type { Database, Reader, Transaction } from "./transaction.ts";

/** Task runs of one lane in one transaction; the rest follows in the next call. */
const SKIPPED_MAX = 1_000;

/** Why a task run was skipped that found its key taken. */
const KEY_TAKEN = "key_taken";

/**
 * Skips task runs that found their key taken and are not to wait for it, or stops those that have held it longest
 * (CC-1). Each lane in a transaction of its own: one that has written must not wait for the lock of another run.
 */
export async function settleOverflows(
  database: Pick<Database, "read" | "write">,
  pipelines: CompiledPipelines,
): Promise<OverflowResult> {
  const result = { skipped: 0, stopped: 0 };
  for (const { laneId } of await database.read(overflowingLanes)) {
    const { skipped, stopped } = await database.write((tx) => settleOverflow(tx, pipelines, laneId));
    result.skipped += skipped;
    result.stopped += stopped;
  }
  return result;
}

/** Behind the gate, so that nothing is claimed meanwhile. */
async function settleOverflow(tx: Transaction, pipelines: CompiledPipelines, laneId: number): Promise<OverflowResult> {
  await tx.closeClaimGate();
  // Read again behind the gate: it may have gone on meanwhile.
  const overflow = (await overflowingLanes(tx)).find((lane) => lane.laneId === laneId);
  if (overflow === undefined) return { skipped: 0, stopped: 0 };
  return overflow.kind === "skip"
    ? { skipped: await skipWaiting(tx, pipelines, overflow), stopped: 0 }
    : { skipped: 0, stopped: await stopOldest(tx, pipelines, overflow) };
}

/** Lanes with something to see to, as they are now: most looks find none. */
async function overflowingLanes(rows: Reader): Promise<readonly OverflowingLane[]> {
  const lanes = (await rows.lanes()).filter((lane) => lane.scopes.includes('["key:'));
  const limits = lanes.length === 0 ? [] : await rows.scopesOfLanes(lanes.map(({ id }) => id));
  return lanes.flatMap((row) => {
    const lane = toLaneView(row);
    const scopes = limits.filter(({ project }) => project === row.project).map(toScopeView);
    const held = [{ lane, waiting: lane.waiting, holds: holdsOf(lane, scopes, rows.now) }];
    return overflowing(held, scopes).map((overflow) => ({ ...overflow, project: row.project }));
  });
}

type OverflowingLane = KeyOverflowing & { readonly project: string };

async function skipWaiting(tx: Transaction, pipelines: CompiledPipelines, { laneId }: KeyOverflowing): Promise<number> {
  const keys = await tx.readyTaskRuns(laneId, SKIPPED_MAX);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  set.addTaskRuns(keys, await tx.taskRuns(keys));
  const waiting = keys.flatMap((key) => {
    const row = set.taskRun(key);
    return row?.state === "queued" ? [row] : [];
  });
  const skipped = waiting.map(({ key }) => set.move(key, "skipped", { reason: KEY_TAKEN }));
  await settleEnded(tx, set, skipped);
  await tx.apply(set.changes());
  return skipped.length;
}

/** One for each that waits, beside those that are being stopped already. */
async function stopOldest(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { project, scope, waiting }: OverflowingLane,
): Promise<number> {
  const holders = await tx.scopeHolders(project, [scope], waiting);
  const keys = holders.map(({ taskRunKey }) => taskRunKey);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  set.addTaskRuns(keys, await tx.taskRuns(keys));
  const message = "Stopped for a newer run with the same key.";
  const stopped = await requestStops(tx, set, keys, { kind: "cancel", message });
  await tx.apply(set.changes());
  return stopped.length;
}
