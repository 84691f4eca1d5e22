import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Json } from "../../core/json.ts";
import { type Database, quotedColumn, quotedName, type SqlRow, type SqlValue, TooManyRows } from "./connection.ts";
import { bytesValue, checkColumnNames, exactInteger, floatValue, rowOf } from "./json-value.ts";

/** How long a statement waits for another writer. */
const BUSY_TIMEOUT_MS = 30_000;

/** Opens an SQLite file, or `:memory:`. Node's own SQLite is imported only when it is used. */
export async function openSqlite(path: string): Promise<Database> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  return new SqliteDatabase(database);
}

class SqliteDatabase implements Database {
  readonly kind = "sqlite";
  readonly dialect = "?";
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async run(statement: string, values: readonly SqlValue[] = []): Promise<number> {
    return Number(this.#database.prepare(statement).run(...values.map(bindable)).changes);
  }

  async rows(query: string, values: readonly SqlValue[], rowsMax: number): Promise<readonly SqlRow[]> {
    const statement = this.#database.prepare(query);
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const names = statement.columns().map(({ name }) => name);
    checkColumnNames(names);
    const rows: SqlRow[] = [];
    for (const row of statement.iterate(...values.map(bindable))) {
      if (rows.length >= rowsMax) throw new TooManyRows(rowsMax);
      rows.push(rowOf(names, Object.values(row).map(toJson)));
    }
    return rows;
  }

  async columnType(table: string, column: string): Promise<string> {
    const query = `select ${quotedColumn(column)} from ${quotedName(table)} where 1 = 0`;
    const [found] = this.#database.prepare(query).columns();
    // SQLite takes a quoted name that is no column for a text, and says nothing.
    if (found?.column === null) throw new Error(`Table ${table} has no column "${column}".`);
    return found?.type?.toLowerCase() ?? "";
  }

  async close(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }
}

/** SQLite has no booleans. */
function bindable(value: SqlValue): string | number | null {
  return typeof value === "boolean" ? Number(value) : value;
}

function toJson(value: SQLOutputValue): Json {
  if (typeof value === "bigint") return exactInteger(value);
  if (typeof value === "number") return floatValue(value);
  return value instanceof Uint8Array ? bytesValue(value) : value;
}
