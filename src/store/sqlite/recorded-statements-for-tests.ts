import type { SQLInputValue } from "node:sqlite";
import { vi } from "vitest";
import { SqliteConnection } from "./connection.ts";

/** What was asked for with a statement the last time. */
export type Recorded = ReadonlyMap<string, readonly SQLInputValue[]>;

/** Notes every statement about rows that stores send from now on, by its text, until mocks are restored. */
export function recordStatements(): Recorded {
  const recorded = new Map<string, readonly SQLInputValue[]>();
  for (const method of ["all", "get", "run"] as const) {
    const original = SqliteConnection.prototype[method] as (...asked: unknown[]) => never;
    vi.spyOn(SqliteConnection.prototype, method).mockImplementation(function (this: SqliteConnection, sql, ...values) {
      if (/^\s*(select|insert|update|delete|with)/.test(sql)) recorded.set(sql, values);
      return original.call(this, sql, ...values);
    });
  }
  return recorded;
}
