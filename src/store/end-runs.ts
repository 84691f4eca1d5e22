import { failFast } from "./fail-fast.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Ends the runs that end with what this transaction has done: by their first failure (RS-5), or because all is over. */
export async function endRuns(tx: Transaction, set: WorkingSet): Promise<ReturnType<WorkingSet["finishRuns"]>> {
  return [...(await failFast(tx, set)), ...set.finishRuns()];
}
