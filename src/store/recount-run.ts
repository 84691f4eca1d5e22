import { recountRows } from "./recount-rows.ts";
import { applyChanges, spread } from "./spread.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Counts the upstream of every task run of a run from scratch, moves what is decided by it, and carries that on. For
 * creation and for what operators do; the whole run must have been read.
 */
export async function recountRun(tx: Transaction, set: WorkingSet, runKey: number): Promise<void> {
  const ended = await applyChanges(tx, set, { runKey, changes: recountRows(set, runKey) });
  await spread(tx, set, new Map([[runKey, ended]]));
}
