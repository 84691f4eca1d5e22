import { expect, test } from "vitest";
import { type ConnectionSources, resolveConnection, resolveConnections } from "./connections.ts";

function sources(connections: Record<string, string>, env: Record<string, string> = {}): ConnectionSources {
  return { settings: { connections }, projectDir: "/home/me/sales", env };
}

test("the environment wins over batuta.json", () => {
  const env = { BATUTA_CONNECTION_MY_WAREHOUSE: "postgres://db/prod" };
  expect(resolveConnection("my-warehouse", sources({ "my-warehouse": "duckdb:x.duckdb" }, env))).toBe(
    "postgres://db/prod",
  );
});

test("files of databases lie relative to the project folder; everything else is left as it is", () => {
  const given = sources({
    a: "duckdb:data/x.duckdb",
    b: "sqlite:./y.db",
    c: "duckdb:/tmp/z",
    d: "duckdb::memory:",
    e: "postgres://u:p@h/d?x=1",
  });
  expect(resolveConnections(["a", "b", "c", "d", "e"], given)).toEqual({
    a: "duckdb:/home/me/sales/data/x.duckdb",
    b: "sqlite:/home/me/sales/y.db",
    c: "duckdb:/tmp/z",
    d: "duckdb::memory:",
    e: "postgres://u:p@h/d?x=1",
  });
});

test("$NAME in batuta.json stands for an environment variable", () => {
  const env = { DATABASE: "sqlite:x.db" };
  expect(resolveConnection("db", sources({ db: "$DATABASE" }, env))).toBe("sqlite:/home/me/sales/x.db");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a user writes it.
  expect(resolveConnection("db", sources({ db: "${DATABASE}" }, env))).toBe("sqlite:/home/me/sales/x.db");
  expect(() => resolveConnection("db", sources({ db: "$DATABASE" }))).toThrow(
    expect.objectContaining({ message: 'Connection "db" is $DATABASE, but that variable is not set.' }),
  );
});

test("a connection that nobody has configured is an error with both ways to give it", () => {
  expect(() => resolveConnection("warehose", sources({ warehouse: "duckdb:x" }))).toThrow(
    expect.objectContaining({
      code: "not_found",
      hint: expect.stringMatching(/Did you mean "warehouse"\?.*BATUTA_CONNECTION_WAREHOSE.*batuta\.json/),
    }),
  );
  expect(() => resolveConnection("toString", sources({}))).toThrow(/not configured/);
});
