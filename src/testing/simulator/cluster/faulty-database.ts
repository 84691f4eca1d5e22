import { BatutaError } from "../../../core/problem.ts";
import type { ReadAhead } from "../../../store/read-ahead.ts";
import type { Database, Reader, Transaction } from "../../../store/transaction.ts";
import type { CallFate, CallFaults } from "../faults/call-faults.ts";
import type { Life } from "./life.ts";

export interface FaultyDatabaseParts {
  /** The one database that all share. */
  readonly database: Database;
  readonly life: Life;
  readonly faults: CallFaults;
  /** Whether the caller can reach it now. */
  readonly isReachable: () => boolean;
  /** The caller's process dies here and now. */
  readonly die: () => void;
}

/** What the caller hears when the answer does not come: the message tells what was injected from what is a defect. */
export const INJECTED = "injected fault";

/** The shared database as one process sees it: over a network, and with all that befalls such calls. */
export class FaultyDatabase implements Database {
  readonly #parts: FaultyDatabaseParts;

  constructor(parts: FaultyDatabaseParts) {
    this.#parts = parts;
  }

  migrate(): Promise<void> {
    return this.#parts.database.migrate();
  }

  async close(): Promise<void> {}

  write<T>(work: (tx: Transaction) => Promise<T>, ahead?: ReadAhead): Promise<T> {
    const { database } = this.#parts;
    return this.#call(async (fate) => {
      if (fate.fault === "repeated") await rolledBack(database, work);
      return database.write(work, ahead);
    });
  }

  read<T>(work: (rows: Reader) => Promise<T>): Promise<T> {
    return this.#call(() => this.#parts.database.read(work));
  }

  reserveTaskRunKeys(count: number): Promise<number> {
    return this.#call(() => this.#parts.database.reserveTaskRunKeys(count));
  }

  #call<T>(execute: (fate: CallFate) => Promise<T>): Promise<T> {
    const { life, faults, isReachable } = this.#parts;
    // Whatever the dead still try never comes to anything.
    if (!life.isAlive) return new Promise(() => {});
    const fate = faults.fateOf(life.name);
    return new Promise((resolve, reject) => {
      life.after(fate.goingMs, () => {
        if (fate.fault === "crash_before") return this.#parts.die();
        if (fate.fault === "error_before" || !isReachable()) return reject(unreachable());
        execute(fate).then(
          (result) => this.#answer(fate, () => resolve(result), reject),
          (error: unknown) => life.after(fate.comingMs, () => reject(error)),
        );
      });
    });
  }

  #answer({ fault, comingMs }: CallFate, give: () => void, reject: (error: BatutaError) => void): void {
    const { life, isReachable, die } = this.#parts;
    if (fault === "crash_after") die();
    else life.after(comingMs, () => (fault === "error_after" || !isReachable() ? reject(unreachable()) : give()));
  }
}

/** Does the work in a transaction that comes to nothing, as that of a deadlock's victim. */
async function rolledBack<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<void> {
  const undo = new Error("rolled back");
  await database
    .write(async (tx) => {
      await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
}

function unreachable(): BatutaError {
  return new BatutaError("store_unreachable", `The database cannot be reached: ${INJECTED}.`);
}
