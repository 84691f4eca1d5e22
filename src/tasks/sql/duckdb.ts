import type * as DuckDb from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from "@duckdb/node-api";
import { BatutaError } from "../../core/problem.ts";
import { type Clock, sleep, type Timer } from "../../ports/clock.ts";
import { type Database, quotedColumn, quotedName, type SqlRow, type SqlValue, TooManyRows } from "./connection.ts";
import { duckDbJson } from "./duckdb-json.ts";
import { checkColumnNames, rowOf } from "./json-value.ts";

export interface DuckDbOptions {
  /** Where SQL text finds files with a relative path. */
  readonly projectDir: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** One process at a time may write to a file; another one's tasks are waited for, as long as this. */
const LOCK_WAIT_MS_MAX = 60_000;
const LOCK_PAUSE_MS = 100;

/** Opens a DuckDB file, or `:memory:`. The package is the user's own, imported only when it is used. */
export async function openDuckDb(path: string, options: DuckDbOptions): Promise<Database> {
  const duckDb = await importDuckDb();
  const instance = await openInstance(duckDb, path, options);
  const connection = await instance.connect();
  const database = new DuckDbDatabase(instance, connection, options);
  await database.run(`set file_search_path = '${options.projectDir.replaceAll("'", "''")}'`);
  return database;
}

class DuckDbDatabase implements Database {
  readonly kind = "duckdb";
  readonly dialect = "$1";
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  #closed = false;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, { signal, clock }: DuckDbOptions) {
    this.#instance = instance;
    this.#connection = connection;
    this.#signal = signal;
    this.#clock = clock;
  }

  async run(statement: string, values: readonly SqlValue[] = []): Promise<number> {
    const result = await this.#interruptibly(() => this.#connection.run(statement, bound(values)));
    return result.rowsChanged;
  }

  async rows(query: string, values: readonly SqlValue[], rowsMax: number): Promise<readonly SqlRow[]> {
    const read = () => this.#connection.streamAndReadUntil(query, rowsMax + 1, bound(values));
    const reader = await this.#interruptibly(read);
    if (reader.currentRowCount > rowsMax) throw new TooManyRows(rowsMax);
    const names = reader.columnNames();
    checkColumnNames(names);
    return reader.getRows().map((row) => rowOf(names, row.map(duckDbJson)));
  }

  async columnType(table: string, column: string): Promise<string> {
    const query = `select ${quotedColumn(column)} from ${quotedName(table)} where false`;
    const result = await this.#interruptibly(() => this.#connection.run(query));
    return String(result.columnType(0)).toLowerCase();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.closeSync();
    this.#instance.closeSync();
  }

  /** DuckDB forgets an interrupt that comes before the statement has begun, in its own thread: so it is asked again. */
  async #interruptibly<T>(work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    let timer: Timer | undefined;
    const interrupt = (): void => {
      this.#connection.interrupt();
      timer = this.#clock.after(INTERRUPT_AGAIN_MS, interrupt);
    };
    this.#signal.addEventListener("abort", interrupt);
    try {
      return await work();
    } finally {
      this.#signal.removeEventListener("abort", interrupt);
      timer?.cancel();
    }
  }
}

const INTERRUPT_AGAIN_MS = 50;

async function importDuckDb(): Promise<typeof DuckDb> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    throw new BatutaError("not_found", `The package @duckdb/node-api cannot be imported: ${messageOf(error)}`, {
      hint: "Install it in the project folder: npm install @duckdb/node-api",
    });
  }
}

async function openInstance(
  { DuckDBInstance }: typeof DuckDb,
  path: string,
  { signal, clock }: DuckDbOptions,
): Promise<DuckDBInstance> {
  const startMs = clock.mono();
  for (;;) {
    try {
      return await DuckDBInstance.create(path);
    } catch (error) {
      const isLocked = messageOf(error).includes("Could not set lock on file");
      if (!isLocked) throw error;
      if (clock.mono() - startMs > LOCK_WAIT_MS_MAX) throw lockedTooLong(path, error);
    }
    signal.throwIfAborted();
    await sleep(clock, LOCK_PAUSE_MS);
  }
}

function lockedTooLong(path: string, error: unknown): BatutaError {
  return new BatutaError("conflict", `${path} is open in another process: ${messageOf(error)}`, {
    hint: "DuckDB lets one process at a time write to a file: end the other program, or give the tasks that use the file `concurrency: 1`.",
  });
}

function bound(values: readonly SqlValue[]): DuckDBValue[] {
  return [...values];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
