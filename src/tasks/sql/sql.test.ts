import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TaskContext } from "../../sdk/task-context.ts";
import { startTestServer, type TestServer } from "../../store/postgres/server-for-tests.ts";
import { contextForTests, runKind, thrownBy } from "../context-for-tests.ts";
import { openConnection } from "./open-connection.ts";
import { sql } from "./sql.ts";

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "batuta-sql-"));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** Every rule below holds on each database. A table of PostgreSQL lies in a schema of the test's own. */
describe.each(["duckdb", "sqlite", "postgres"] as const)("sql on %s", (kind) => {
  async function setup(changes: Partial<TaskContext> = {}): Promise<TaskContext> {
    const context = contextForTests({ connections: { warehouse: await freshUrl() }, projectDir: folder, ...changes });
    await using warehouse = await openConnection(context, "warehouse");
    await warehouse.run("create table orders (day date, sold_at timestamp, amount numeric(12, 2), note varchar(100))");
    return context;
  }

  async function freshUrl(): Promise<string> {
    if (kind !== "postgres") return `${kind}:${join(folder, `test.${kind}`)}`;
    const schema = server.freshSchema();
    const context = contextForTests({ connections: { server: server.url } });
    await using database = await openConnection(context, "server");
    await database.run(`create schema ${schema}`);
    return `${server.url}?options=-c%20search_path=${schema}`;
  }

  async function orders(context: TaskContext): Promise<unknown> {
    return runKind(sql.query("select * from orders order by day, amount", { connection: "warehouse" }), context);
  }

  test("placeholders and interpolated values are bound, whatever they hold", async () => {
    const evil = "'); drop table orders; --";
    const context = await setup({ params: { note: evil } });
    const change = await runKind(
      sql({ connection: "warehouse" })`
        insert into orders (day, amount, note) values ('{{ ds }}', ${1.5}, {{ params.note }});
        insert into orders (day, amount, note) values ({{ ds }}, 2, ${evil});
      `,
      context,
    );
    expect(change).toEqual({ rowsChanged: 2 });
    expect(await orders(context)).toEqual([
      { day: "2024-01-02", sold_at: null, amount: 1.5, note: evil },
      { day: "2024-01-02", sold_at: null, amount: 2, note: evil },
    ]);
  });

  test("an identifier is quoted, and only a name may be one", async () => {
    const context = await setup({ params: { table: "orders", evil: "orders; drop" } });
    const insert = sql({ connection: "warehouse" })`insert into {{ id(params.table) }} (note) values ('x')`;
    expect(await runKind(insert, context)).toEqual({ rowsChanged: 1 });
    const wrong = sql({ connection: "warehouse" })`insert into {{ id(params.evil) }} (note) values ('x')`;
    expect((await thrownBy(() => runKind(wrong, context))).message).toMatch(/orders; drop/);
  });

  test("several statements are one transaction: the failure of one undoes all", async () => {
    const context = await setup();
    const script = sql({ connection: "warehouse" })`
      insert into orders (note) values ('first');
      insert into no_such_table values (1);
    `;
    expect((await thrownBy(() => runKind(script, context))).message).toMatch(/no_such_table/);
    expect(await orders(context)).toEqual([]);
  });

  test("replacePartition done twice leaves the same rows, and those of other days alone", async () => {
    const context = await setup();
    await runKind(
      sql("insert into orders (day, amount) values ('2024-01-01', 9)", { connection: "warehouse" }),
      context,
    );
    const load = sql.replacePartition({
      connection: "warehouse",
      table: "orders",
      column: "day",
      select: `select cast({{ ds }} as ${kind === "sqlite" ? "text" : "date"}), null, 1.25, 'loaded'`,
    });
    expect(await runKind(load, context)).toEqual({ deleted: 0, inserted: 1 });
    expect(await runKind(load, context)).toEqual({ deleted: 1, inserted: 1 });
    expect(await orders(context)).toEqual([
      { day: "2024-01-01", sold_at: null, amount: 9, note: null },
      { day: "2024-01-02", sold_at: null, amount: 1.25, note: "loaded" },
    ]);
  });

  test("replacePartition refuses rows outside of the interval and keeps what was there", async () => {
    const context = await setup();
    await using warehouse = await openConnection(context, "warehouse");
    await warehouse.replacePartition({ table: "orders", column: "day", rows: [{ day: "2024-01-02", note: "old" }] });
    const outside = [{ day: "2024-01-02" }, { day: "2024-01-03" }];
    const error = await thrownBy(() => warehouse.replacePartition({ table: "orders", column: "day", rows: outside }));
    expect(error.message).toMatch(/1 of 2 rows have a day outside of the run's interval/);
    expect(await warehouse.rows("select note from orders")).toEqual([{ note: "old" }]);
  });

  test("replacePartition by a timestamp takes the interval's instants, in UTC, also for an hour", async () => {
    const hour = { start: new Date("2024-01-02T10:00:00Z"), end: new Date("2024-01-02T11:00:00Z") };
    const context = await setup({ interval: hour, timezone: "Europe/Berlin" });
    await using warehouse = await openConnection(context, "warehouse");
    await warehouse.run(
      "insert into orders (sold_at, note) values ('2024-01-02 09:59:59', 'before'), ('2024-01-02 10:30:00', 'old'), ('2024-01-02 11:00:00', 'after')",
    );
    const rows = [{ sold_at: new Date("2024-01-02T10:59:59.500Z"), note: "new" }];
    expect(await warehouse.replacePartition({ table: "orders", column: "sold_at", rows })).toEqual({
      deleted: 1,
      inserted: 1,
    });
    const notes = await warehouse.rows("select note from orders order by sold_at");
    expect(notes.map(({ note }) => note)).toEqual(["before", "new", "after"]);
  });

  test("replacePartition by a date takes local dates of the pipeline's zone", async () => {
    const interval = { start: new Date("2024-03-30T23:00:00Z"), end: new Date("2024-03-31T22:00:00Z") };
    const context = await setup({ interval, ds: "2024-03-31", timezone: "Europe/Berlin" });
    await using warehouse = await openConnection(context, "warehouse");
    const rows = [{ day: "2024-03-31", note: "short day" }];
    expect(await warehouse.replacePartition({ table: "orders", column: "day", rows })).toEqual({
      deleted: 0,
      inserted: 1,
    });
    const next = [{ day: "2024-04-01" }];
    await expect(warehouse.replacePartition({ table: "orders", column: "day", rows: next })).rejects.toThrow(/outside/);
  });

  test("an interval that is empty, or shorter than a date, is a clear error", async () => {
    const context = await setup();
    const now = new Date("2024-01-02T10:00:00Z");
    const target = { table: "orders", column: "day", rows: [] };
    await using empty = await openConnection({ ...context, interval: { start: now, end: now } }, "warehouse");
    await expect(empty.replacePartition(target)).rejects.toThrow(/no interval to load/);
    await empty.close();
    const hour = { start: now, end: new Date("2024-01-02T11:00:00Z") };
    await using hourly = await openConnection({ ...context, interval: hour }, "warehouse");
    await expect(hourly.replacePartition(target)).rejects.toThrow(/holds dates, but the run's interval is 1 h 00 min/);
  });

  test("many rows are inserted in few statements, dates, objects and big integers among them", async () => {
    const context = await setup();
    await using warehouse = await openConnection(context, "warehouse");
    const rows = Array.from({ length: 2_500 }, (_, index) => ({ day: "2024-01-02", amount: index, note: { index } }));
    expect(await warehouse.replacePartition({ table: "orders", column: "day", rows })).toEqual({
      deleted: 0,
      inserted: 2_500,
    });
    expect(await warehouse.rows("select sum(amount) as total, count(distinct note) as notes from orders")).toEqual([
      { total: 3_123_750, notes: 2_500 },
    ]);
  });

  test("a row with another column than the first one is refused by number and name", async () => {
    const context = await setup();
    await using warehouse = await openConnection(context, "warehouse");
    const rows = [{ day: "2024-01-02" }, { day: "2024-01-02", colour: "red" }];
    await expect(warehouse.replacePartition({ table: "orders", column: "day", rows })).rejects.toThrow(
      'Row 2 has a column "colour" that the first row has not.',
    );
  });

  test("more rows than asked for are refused, and just as many are not", async () => {
    const context = await setup();
    const script = "insert into orders (note) values ('a'), ('b'), ('c')";
    await runKind(sql(script, { connection: "warehouse" }), context);
    const query = (rowsMax: number) =>
      runKind(sql.query("select note from orders", { connection: "warehouse", rowsMax }), context);
    expect(await query(3)).toHaveLength(3);
    await expect(query(2)).rejects.toThrow("The query gives more than 2 rows.");
  });

  test("two columns of one name are refused, for one would be lost", async () => {
    const context = await setup();
    const query = sql.query("select 1 as n, 2 as n", { connection: "warehouse" });
    await expect(runKind(query, context)).rejects.toThrow('Two columns of the result are called "n"');
  });

  test("integers and decimals are numbers where they are exact, and else text", async () => {
    const context = await setup();
    const query = sql.query({ connection: "warehouse" })`
      select 9007199254740991 as safe, 9007199254740993 as large, 0.1 as tenth, 1.50 as money
    `;
    expect(await runKind(query, context)).toEqual([
      { safe: 9_007_199_254_740_991, large: "9007199254740993", tenth: 0.1, money: 1.5 },
    ]);
  });

  test("transaction() keeps all or nothing", async () => {
    const context = await setup();
    await using warehouse = await openConnection(context, "warehouse");
    const failing = warehouse.transaction(async () => {
      await warehouse.run("insert into orders (note) values ('a')");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await warehouse.transaction(() => warehouse.run("insert into orders (note) values ('b')"));
    expect(await warehouse.rows("select note from orders")).toEqual([{ note: "b" }]);
  });

  test("a column that is not there is an error, not an empty partition", async () => {
    const context = await setup();
    await using warehouse = await openConnection(context, "warehouse");
    await expect(warehouse.replacePartition({ table: "orders", column: "dya", rows: [] })).rejects.toThrow(/dya/);
    await expect(warehouse.replacePartition({ table: "orders", column: "note", rows: [] })).rejects.toThrow(
      /no date or timestamp/,
    );
  });
});

describe("sql", () => {
  test("without a connection it runs in a DuckDB in memory, with the project's files at hand", async () => {
    writeFileSync(join(folder, "orders.csv"), "id,amount\n1,2.5\n2,4\n");
    const query = sql.query<{ total: number }>("select sum(amount) as total from read_csv('orders.csv')");
    expect(await runKind(query, contextForTests({ projectDir: folder }))).toEqual([{ total: 6.5 }]);
  });

  test("placeholders know the task's inputs", async () => {
    const context = contextForTests({ input: { orders: { count: 7 } } });
    expect(await runKind(sql.query`select {{ input.orders.count }}::integer as n`, context)).toEqual([{ n: 7 }]);
  });

  test("DuckDB's own types become JSON", async () => {
    const query = sql.query`
      select
        123456789012345.678901::decimal(30, 6) as long, timestamptz '2024-01-01 10:00:00.25+02' as instant,
        timestamp '2024-01-01 10:00:00' as local, { a: 1::bigint, b: [true, null] } as struct, map { 'x': 1 } as map,
        'ab'::blob as bytes, interval 3 day as days, 'nan'::double as nan, time '10:00:00' as time
    `;
    expect(await runKind(query)).toEqual([
      {
        long: "123456789012345.678901",
        instant: "2024-01-01T08:00:00.25Z",
        local: "2024-01-01T10:00:00",
        struct: { a: 1, b: [true, null] },
        map: { x: 1 },
        bytes: "YWI=",
        days: "3 days",
        nan: "NaN",
        time: "10:00:00",
      },
    ]);
  });

  test("PostgreSQL's own types become JSON", async () => {
    const context = contextForTests({ connections: { db: server.url } });
    const query = sql.query({ connection: "db" })`
      select
        true as yes, 5000000000::int8 as big, 1.5::float8 as float, '{"a": [1]}'::jsonb as json, array[1, null]::int4[] as ints,
        array['a,b', 'c']::text[] as texts, timestamptz '2024-01-01 10:00:00+02' as instant,
        timestamp '2024-01-01 10:00:00.5' as local, date '2024-01-01' as day, '\x6162'::bytea as bytes
    `;
    expect(await runKind(query, context)).toEqual([
      {
        yes: true,
        big: 5_000_000_000,
        float: 1.5,
        json: { a: [1] },
        ints: [1, null],
        texts: ["a,b", "c"],
        instant: "2024-01-01T08:00:00Z",
        local: "2024-01-01T10:00:00.5",
        day: "2024-01-01",
        bytes: "YWI=",
      },
    ]);
  });

  test("a timestamp with time zone bounds its partition by instants", async () => {
    const schema = server.freshSchema();
    const context = contextForTests({ connections: { db: server.url } });
    await using database = await openConnection(context, "db");
    await database.run(`create schema ${schema}`);
    await database.run(`create table ${schema}.events (at timestamptz)`);
    const rows = [{ at: "2024-01-03T00:30:00+01:00" }];
    const target = { table: `${schema}.events`, column: "at" };
    expect(await database.replacePartition({ ...target, rows })).toEqual({ deleted: 0, inserted: 1 });
    expect(await database.replacePartition({ ...target, rows })).toEqual({ deleted: 1, inserted: 1 });
  });

  test("an unknown scheme, and a connection that was not declared, are clear errors", async () => {
    const context = contextForTests({ connections: { db: "mysql://x" } });
    expect((await thrownBy(() => openConnection(context, "db"))).hint).toMatch(/duckdb:path, sqlite:path/);
    const error = await thrownBy(() => openConnection(context, "other"));
    expect(error.message).toBe('The task has no connection "other". It declares db.');
    expect(error.hint).toBe('Declare it: task(name, { connections: ["other"] }, …).');
  });

  test("a file runs as the version of the project that its caller belongs to", async () => {
    mkdirSync(join(folder, "pipelines"));
    writeFileSync(join(folder, "answer.sql"), "select {{ ds }} as day");
    writeFileSync(
      join(folder, "pipelines", "kinds.ts"),
      `import { sql } from "${import.meta.dirname}/sql.ts";
       export const good = () => sql.file("answer.sql");
       export const missing = () => sql.file("anser.sql");
       export const outside = () => sql.file("../x.sql");`,
    );
    const kinds = await import(join(folder, "pipelines", "kinds.ts"));
    expect(await runKind(kinds.good())).toEqual({ rowsChanged: 0 });
    expect((await thrownBy(kinds.missing)).hint).toBe('Did you mean "answer.sql"?');
    expect((await thrownBy(kinds.outside)).message).toMatch(/does not lie in the project folder/);
  });

  test("a placeholder that no database could bind is an error at once", async () => {
    const error = await thrownBy(() => sql`select 'x {{ ds }}'`);
    expect(error.message).toMatch(/only part of a string/);
    expect((await thrownBy(() => sql("select 1", { conection: "x" } as never))).hint).toBe(
      "Did you mean `connection`?",
    );
  });
});
