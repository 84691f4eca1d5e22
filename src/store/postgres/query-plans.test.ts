import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { Scenario } from "../conformance/scenario.ts";
import { PostgresConnection, type Statement } from "./connection.ts";
import { openPool } from "./connections.ts";
import { schemaNamed } from "./schema.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

/** Tables that grow with what has happened; the others are as large as what is open now. */
const HISTORY = ["run", "run_request", "task_run", "attempt", "output", "event", "dead_letter", "audit"];

test.each([
  ["without history", 0],
  ["of 100,000 finished task runs, statistics never taken,", 100_000],
])("on a database %s every statement goes by index", async (_, finished) => {
  const scenario = await Scenario.begin(postgresSubject(() => server));
  for (const table of HISTORY) await scenario.opened.rows(`alter table ${table} set (autovacuum_enabled = off)`);
  const statements = await statementsOf(scenario);
  expect(statements.size).toBeGreaterThan(30);
  await fill(scenario, finished);
  // With the settings of the store's own connections.
  const pool = openPool({ url: server.url, schema: schemaNamed(await schemaOf(scenario)), poolSize: 1 });
  const scans: string[] = [];
  for (const [name, text] of statements) {
    const plan = await pool.query<Record<string, string>>(`explain (generic_plan) ${text}`);
    const steps = plan.rows.map((row) => String(row["QUERY PLAN"]).trim());
    const scanned = HISTORY.filter((table) => steps.some((step) => new RegExp(`Seq Scan on ${table}\\b`).test(step)));
    scans.push(...scanned.map((table) => `${name} reads all of ${table}`));
  }
  await pool.end();
  // Closed without the usual recount: the finished rows were made up.
  await scenario.opened.close();
  expect(scans).toEqual([]);
});

/** What the store asks while all its operations run, as it is sent, by name. */
async function statementsOf(scenario: Scenario): Promise<ReadonlyMap<string, string>> {
  const statements = new Map<string, string>();
  const note = ({ name, text }: Statement): void => void statements.set(name ?? text, text);
  const { all, send } = PostgresConnection.prototype;
  vi.spyOn(PostgresConnection.prototype, "all").mockImplementation(function (
    this: PostgresConnection,
    statement,
    ...values
  ) {
    note(statement);
    return all.call(this, statement, ...values) as Promise<never>;
  });
  vi.spyOn(PostgresConnection.prototype, "send").mockImplementation(function (
    this: PostgresConnection,
    statement,
    ...values
  ) {
    note(statement);
    send.call(this, statement, ...values);
  });
  await useEveryStatement(scenario, "1:1");
  vi.restoreAllMocks();
  return statements;
}

async function fill(scenario: Scenario, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`set search_path to ${await schemaOf(scenario)}`);
  await client.query(`
    insert into task_run (key, run_key, task_index, map_key, state, generation, attempt, token, lost, up_total,
      up_success, up_failed, up_upstream_failed, up_skipped, lane_id, finished_at)
    select 1000000 + n, (select min(key) from run), 100 + n, '', 'success', 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1
    from generate_series(1, ${count}) as n`);
  await client.query(`
    insert into event (at, run_key, body)
    select 1, (select min(key) from run), '{"kind":"alert_due","taskIndex":0,"generation":1}'
    from generate_series(1, ${count}) as n`);
  await client.query(`
    insert into attempt (task_run_key, token, generation, attempt, session_key, started_at, finished_at, outcome)
    select 1000000 + n, 1, 1, 1, 1, 1, 1, 'success' from generate_series(1, ${count}) as n`);
  await client.end();
}

async function schemaOf(scenario: Scenario): Promise<string> {
  const [row] = await scenario.opened.rows("select current_schema() as name");
  return String(row?.name);
}
