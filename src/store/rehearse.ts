import type { Acting, ActionResult } from "./operator-store.ts";
import type { Database, Transaction } from "./transaction.ts";

/**
 * Does what an operator asks in one transaction. A rehearsal goes the whole way, up to what the database itself would
 * refuse, and is then taken back, so that its answer is what the action would do.
 */
export async function actOrRehearse(
  database: Database,
  { dryRun = false }: Acting,
  work: (tx: Transaction) => Promise<ActionResult>,
): Promise<ActionResult> {
  if (!dryRun) return database.write(work);
  try {
    return await database.write(async (tx) => {
      throw new Rehearsed(await work(tx));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.result;
    throw error;
  }
}

class Rehearsed extends Error {
  readonly result: ActionResult;

  constructor(result: ActionResult) {
    super("It was a rehearsal.");
    this.result = result;
  }
}
