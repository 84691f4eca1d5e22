import type { Acting, ActionResult } from "./operator-store.ts";
import type { Database, Transaction } from "./transaction.ts";

/** Does what an operator asks in one transaction, or rehearses it. */
export function actOrRehearse(
  database: Database,
  { dryRun = false }: Acting,
  work: (tx: Transaction) => Promise<ActionResult>,
): Promise<ActionResult> {
  return dryRun ? rehearse(database, work) : database.write(work);
}

/**
 * A rehearsal goes the whole way, up to what the database itself would refuse, and is then taken back, so that its answer
 * is what the action would do.
 */
export async function rehearse<Result>(
  database: Database,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const results: Result[] = [];
  try {
    await database.write(async (tx) => {
      results.push(await work(tx));
      throw new Rehearsed();
    });
  } catch (error) {
    const result = results.at(-1);
    if (error instanceof Rehearsed && result !== undefined) return result;
    throw error;
  }
  throw new Error("A rehearsal was not taken back.");
}

class Rehearsed extends Error {
  constructor() {
    super("It was a rehearsal.");
  }
}
