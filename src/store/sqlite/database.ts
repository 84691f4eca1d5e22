import { dirname } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import type { Clock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { type BackOff, withBackOff } from "../back-off.ts";
import type { Database, Reader, Transaction } from "../transaction.ts";
import { SqliteConnection } from "./connection.ts";
import { explainSqliteFailure, isBusy } from "./failure.ts";
import { migrateSqlite } from "./migrate.ts";
import { SqliteTransaction } from "./transaction.ts";
import { Turnstile } from "./turnstile.ts";

export interface SqliteOptions {
  /** File of the database, or `:memory:`. */
  readonly path: string;
  readonly clock: Clock;
  /** How long to wait for another process's lock before giving up. */
  readonly lockTimeoutMs?: number;
  /** Makes the connection; a test that looks behind it makes its own. */
  readonly connect?: (path: string) => SqliteConnection;
}

/** One file, one connection in this process, any number of processes. */
export class SqliteDatabase implements Database {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #lock: BackOff;
  readonly #connect: (path: string) => SqliteConnection;
  readonly #turnstile = new Turnstile();
  #connection: SqliteConnection | undefined;
  #closed = false;

  constructor({ path, clock, lockTimeoutMs = LOCK_TIMEOUT_MS, connect = connected }: SqliteOptions) {
    this.#path = path;
    this.#clock = clock;
    this.#lock = { firstMs: 1, maxMs: 32, totalMs: lockTimeoutMs };
    this.#connect = connect;
  }

  migrate(): Promise<void> {
    return this.#patiently(async (db) => migrateSqlite(db, this.#path, this.#clock.wall()));
  }

  async close(): Promise<void> {
    await this.#turnstile.pass(async () => {
      this.#closed = true;
      this.#connection?.close();
      this.#connection = undefined;
    });
  }

  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#patiently(async (db) => {
      db.run("begin immediate");
      try {
        const result = await work(new SqliteTransaction(db, this.#clock.wall()));
        db.run("commit");
        return result;
      } catch (error) {
        if (db.inTransaction) db.run("rollback");
        throw error;
      }
    });
  }

  /** Nothing else uses the connection meanwhile; what several statements read may still span commits of others. */
  read<T>(work: (rows: Reader) => Promise<T>): Promise<T> {
    return this.#patiently((db) => work(new SqliteTransaction(db, this.#clock.wall())));
  }

  reserveTaskRunKeys(count: number): Promise<number> {
    return this.#patiently(async (db) => {
      const row = db.get<{ first: number }>(RESERVE, count, count);
      if (row === undefined) throw new Error("The counter of task-run keys is missing");
      return row.first;
    });
  }

  /** Takes the connection in turn, again and again while another process holds the lock. */
  async #patiently<T>(work: (db: SqliteConnection) => Promise<T>): Promise<T> {
    try {
      return await withBackOff(this.#clock, this.#lock, isBusy, () =>
        this.#turnstile.pass(() => work(this.#connected())),
      );
    } catch (error) {
      throw explainSqliteFailure(error, this.#path);
    }
  }

  #connected(): SqliteConnection {
    if (this.#closed) throw new Error("The store is closed");
    if (this.#connection === undefined) {
      makeFolderOf(this.#path);
      this.#connection = this.#connect(this.#path);
    }
    return this.#connection;
  }
}

function connected(path: string): SqliteConnection {
  return new SqliteConnection(path);
}

function makeFolderOf(path: string): void {
  if (path === ":memory:" || localFiles.exists(path)) return;
  const folder = dirname(path);
  try {
    localFiles.makeFolder(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new BatutaError("read_only", `The folder ${folder} for the database cannot be made: ${why}`, {
      hint: "Give your user the right to write there, or move the project.",
    });
  }
}

/** Longer than any queue of writers should be; a process that holds the lock for so long is stuck. */
const LOCK_TIMEOUT_MS = 60_000;

const RESERVE = "update counter set next = next + ? where name = 'task_run' returning next - ? as first";
