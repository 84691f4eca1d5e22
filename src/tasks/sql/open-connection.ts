import { BatutaError } from "../../core/problem.ts";
import { systemClock } from "../../ports/clock.ts";
import type { TaskContext } from "../../sdk/task-context.ts";
import { type Database, inTransaction, type SqlRow, type SqlValue } from "./connection.ts";
import { openDuckDb } from "./duckdb.ts";
import type { PartitionTarget } from "./partition-bounds.ts";
import { openPostgres } from "./postgres.ts";
import { type PartitionChange, replaceWithRows } from "./replace-partition.ts";
import { openSqlite } from "./sqlite.ts";

/**
 * The part of a task's context that connections need.
 *
 * @example
 * async function load(context: ConnectionContext) {
 *   await using warehouse = await openConnection(context, "warehouse");
 * }
 */
export type ConnectionContext = Pick<
  TaskContext,
  "connections" | "projectDir" | "signal" | "interval" | "ds" | "timezone"
>;

/** Rows that a query may give unless it is told otherwise. */
export const ROWS_MAX = 10_000;

/**
 * An open database in a task function. Values are always bound, never pasted into the statement: `$1`, `$2` … with
 * DuckDB and PostgreSQL, `?` with SQLite.
 *
 * @example
 * await using warehouse: Connection = await openConnection(context, "warehouse");
 */
export interface Connection extends AsyncDisposable {
  /** Runs one statement; gives the number of rows it changed. */
  run(statement: string, values?: readonly SqlValue[]): Promise<number>;
  /** Rows of one query, as JSON. Throws when there are more than `rowsMax`, 10,000 when absent. */
  rows(query: string, values?: readonly SqlValue[], rowsMax?: number): Promise<readonly SqlRow[]>;
  /** Commits what `work` does on this connection, or rolls all of it back when it throws. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Puts rows in place of those of the run's interval, in one transaction: the same run done twice leaves the same
   * rows. A row outside of the interval is refused.
   */
  replacePartition(target: PartitionTarget & { readonly rows: Iterable<SqlInputRow> }): Promise<PartitionChange>;
  close(): Promise<void>;
}

/**
 * A row to insert: column -> value. A `Date` is kept as ISO 8601 in UTC, objects and lists as JSON text.
 *
 * @example
 * const row: SqlInputRow = { day: "2024-01-02", amount: 12.5, loaded_at: new Date(now) };
 */
export type SqlInputRow = Readonly<Record<string, unknown>>;

/**
 * Opens a connection that the task names in its `connections`: DuckDB, SQLite or PostgreSQL, as its URL says. It is
 * closed by `await using`, or by `close()`.
 *
 * @example
 * task("load_orders", { input: { orders }, connections: ["warehouse"] }, async (context) => {
 *   await using warehouse = await openConnection(context, "warehouse");
 *   return warehouse.replacePartition({ table: "orders", column: "day", rows: context.input.orders });
 * });
 */
export async function openConnection(context: ConnectionContext, name: string): Promise<Connection> {
  return connectionOf(await openDatabase(context, name), context);
}

/** Without a name: a DuckDB of the task's own, in memory. */
export async function openDatabase(
  context: Pick<ConnectionContext, "connections" | "projectDir" | "signal">,
  name: string | undefined,
): Promise<Database> {
  const { projectDir, signal } = context;
  const url = name === undefined ? "duckdb::memory:" : urlOf(name, context.connections);
  const [, scheme = "", path = ""] = /^([a-z]+):(.*)$/s.exec(url) ?? [];
  switch (scheme) {
    case "duckdb":
      return openDuckDb(path, { projectDir, signal, clock: systemClock });
    case "sqlite":
      return openSqlite(path);
    case "postgres":
    case "postgresql":
      return openPostgres(url, signal);
    default:
      throw new BatutaError("invalid_definition", `Connection "${name}" has a URL that begins with "${scheme}:".`, {
        hint: "Known are duckdb:path, sqlite:path and postgres://user@host/database.",
      });
  }
}

function connectionOf(database: Database, context: ConnectionContext): Connection {
  return {
    run: (statement, values) => database.run(statement, values),
    rows: (query, values = [], rowsMax = ROWS_MAX) => database.rows(query, values, rowsMax),
    transaction: (work) => inTransaction(database, work),
    replacePartition: ({ rows, ...target }) => replaceWithRows(database, target, rows, context),
    close: () => database.close(),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

function urlOf(name: string, connections: Readonly<Record<string, string>>): string {
  const url = Object.hasOwn(connections, name) ? connections[name] : undefined;
  if (url !== undefined) return url;
  const declared = Object.keys(connections);
  const known = declared.length === 0 ? "It declares none." : `It declares ${declared.join(", ")}.`;
  throw new BatutaError("not_found", `The task has no connection "${name}". ${known}`, {
    hint: `Declare it: task(name, { connections: ["${name}"] }, …).`,
  });
}
