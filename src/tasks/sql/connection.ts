import type { Json } from "../../core/json.ts";
import type { BoundStatement, SqlDialect } from "../../core/sql-template.ts";

/**
 * A value that is bound to a statement.
 *
 * @example
 * const values: readonly SqlValue[] = ["eu", 3, true, null];
 */
export type SqlValue = BoundStatement["values"][number];

/**
 * A row as JSON: numbers where they are exact, else text; dates and times as ISO 8601.
 *
 * @example
 * const rows: readonly SqlRow[] = await warehouse.rows("select * from orders");
 */
export type SqlRow = Readonly<Record<string, Json>>;

/** How a column keeps a moment: decides what a partition's bounds are compared as. */
export type MomentType = "date" | "timestamp" | "timestamptz";

/** An open database: one connection, one statement at a time. */
export interface Database {
  readonly kind: "duckdb" | "sqlite" | "postgres";
  readonly dialect: SqlDialect;
  /** Runs one statement and gives the number of rows that it changed. */
  run(statement: string, values?: readonly SqlValue[]): Promise<number>;
  /** Rows of one query. Throws `TooManyRows` when there are more than `rowsMax`. */
  rows(query: string, values: readonly SqlValue[], rowsMax: number): Promise<readonly SqlRow[]>;
  /** The declared type of a table's column, as the database names it, in lower case; "" when it has none. */
  columnType(table: string, column: string): Promise<string>;
  close(): Promise<void>;
}

export class TooManyRows extends Error {
  constructor(rowsMax: number) {
    super(`The query gives more than ${rowsMax} rows.`);
    this.name = "TooManyRows";
  }
}

/** `schema.table` as SQL writes it, each part in double quotes. */
export function quotedName(name: string): string {
  return name.split(".").map(quotedColumn).join(".");
}

/** The name of a column, which may hold a dot of its own. */
export function quotedColumn(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Commits what `work` has done, or rolls all of it back when it throws. */
export async function inTransaction<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.run(database.kind === "sqlite" ? "begin immediate" : "begin");
  let result: T;
  try {
    result = await work();
    await database.run("commit");
  } catch (error) {
    // A database that is gone has rolled back on its own, and what went wrong is the first error.
    await database.run("rollback").catch(() => undefined);
    throw error;
  }
  return result;
}
