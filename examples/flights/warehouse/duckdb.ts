import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { z } from "zod";

/** An open DuckDB database. Values are bound, never pasted into the statement. */
export interface DuckDb {
  /** Runs one statement; gives the number of rows it changed or copied. */
  run(statement: string, values?: BoundValues): Promise<number>;
  /** Runs one query and checks each row against `row`. Numbers arrive as numbers when the query casts them. */
  rows<Row>(row: z.ZodType<Row>, query: string, values?: BoundValues): Promise<readonly Row[]>;
}

export type BoundValues = Readonly<Record<string, string | number>>;

export const IN_MEMORY = ":memory:";

/**
 * Opens a database file, or one in memory, for the time of `work`. It is closed in any case: DuckDB lets one process
 * at a time write to a file, and a task process lives on after its task. Any number may read.
 */
export async function withDuckDb<T>(
  path: string,
  work: (database: DuckDb) => Promise<T>,
  access: "read" | "write" = "write",
): Promise<T> {
  const instance = await DuckDBInstance.create(path, access === "read" ? { access_mode: "READ_ONLY" } : {});
  const connection = await instance.connect();
  try {
    return await work({
      run: async (statement, values) => (await connection.run(statement, bound(values))).rowsChanged,
      rows: async (row, query, values) => {
        const result = await connection.runAndReadAll(query, bound(values));
        return result.getRowObjectsJS().map((found) => row.parse(found));
      },
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function bound(values: BoundValues | undefined): Record<string, DuckDBValue> | undefined {
  return values === undefined ? undefined : { ...values };
}
