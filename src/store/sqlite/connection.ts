import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/**
 * One connection and its prepared statements. `node:sqlite` is synchronous: a statement takes a microsecond or two, and
 * nothing else of this process runs meanwhile.
 */
export class SqliteConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    try {
      this.#database.exec(SETTINGS);
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): readonly Row[] {
    return this.#prepared(sql).all(...values) as unknown as Row[];
  }

  /**
   * Row by row, for reads of very many: a row as SQLite's driver makes it takes a kilobyte, three times what becomes of
   * it. To be taken at once, before anything else is asked.
   */
  each<Row>(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
    return this.#prepared(sql).iterate(...values) as unknown as Iterable<Row>;
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  /** Gives the number of rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /** Several statements at once, not kept. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#database.prepare(sql);
    this.#statements.set(sql, prepared);
    return prepared;
  }
}

/**
 * SQLite's own waiting blocks the whole process, so it is short; the long waiting for another process's lock is done
 * between attempts, where everything else goes on.
 */
const BUSY_TIMEOUT_MS = 5;

/** WAL and FULL: a commit that was acknowledged is on the disk. The cache is in KiB when negative. */
const SETTINGS = `
  pragma journal_mode = wal;
  pragma synchronous = full;
  pragma cache_size = -32768;
  pragma wal_autocheckpoint = 4000;
  pragma journal_size_limit = 67108864;
  pragma temp_store = memory;
`;
