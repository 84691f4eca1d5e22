import { DuckDBInstance } from "@duckdb/node-api";
import type { Connection } from "batuta/tasks";
import type { z } from "zod";

/** The part of a connection that this example uses: tasks get it from Batuta, the demo and the tests open their own. */
export type Database = Pick<Connection, "run" | "rows">;

export const IN_MEMORY = ":memory:";

/**
 * Opens a DuckDB file, or a database in memory, for the time of `work`. It is closed in any case: DuckDB lets one
 * process at a time write to a file, and a task process lives on after its task.
 */
export async function withDuckDb<T>(path: string, work: (database: Database) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  try {
    return await work({
      run: async (statement, values = []) => (await connection.run(statement, [...values])).rowsChanged,
      rows: async (query, values = []) => (await connection.runAndReadAll(query, [...values])).getRowObjectsJson(),
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Rows of a query, each checked against `row`. */
export async function rowsOf<Row>(
  database: Pick<Database, "rows">,
  row: z.ZodType<Row>,
  query: string,
  values: readonly (string | number)[] = [],
): Promise<readonly Row[]> {
  return (await database.rows(query, values)).map((found) => row.parse(found));
}
