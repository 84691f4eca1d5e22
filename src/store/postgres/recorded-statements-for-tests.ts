import { vi } from "vitest";
import { PostgresConnection, type Statement } from "./connection.ts";

/** Notes every statement that stores send from now on, by its name or text, until mocks are restored. */
export function recordStatements(): ReadonlyMap<string, Statement> {
  const recorded = new Map<string, Statement>();
  for (const method of ["all", "get", "send"] as const) {
    const original = PostgresConnection.prototype[method] as (...asked: unknown[]) => never;
    vi.spyOn(PostgresConnection.prototype, method).mockImplementation(function (
      this: PostgresConnection,
      statement,
      ...values
    ) {
      recorded.set(statement.name ?? statement.text, statement);
      return original.call(this, statement, ...values);
    });
  }
  return recorded;
}

/** The names of the writes that travel together in a statement; of any other, itself. */
export function writesOf({ name, text }: Statement): readonly string[] {
  const parts = [...text.matchAll(/\b(\w+)_rows as \(/g)].map(([, part]) => `write ${part}`);
  return parts.length === 0 ? [name ?? text] : parts;
}
