import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { historySql } from "../conformance/history.ts";
import { chain } from "../conformance/pipelines.ts";
import { Scenario } from "../conformance/scenario.ts";
import { collectExplained, type Explained, explaining } from "./explained-statements-for-tests.ts";
import { recordStatements } from "./recorded-statements-for-tests.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";
import { postgresSubject } from "./subject-for-tests.ts";

/** `npm run test:history` asks for a million. */
// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const TASK_RUNS = Number(process.env.BATUTA_HISTORY ?? 20_000);
const TASKS_IN_RUN = TASK_RUNS > 100_000 ? 10 : 2;
const HISTORY = { project: "shop", pipeline: "daily", requestKey: "request", tasksInRun: TASKS_IN_RUN };

/** Of one statement: a hop writes some twenty rows and their index entries. Reading 10,000 runs is 400. */
const PAGES_MAX = 150;
/** The past and the future of a run are counted up to 1,000 intervals, each found by three indexes. */
const PAGES_OF_INTERVALS_MAX = 15_000;
const SORTED_ROWS_MAX = 100;
const TIME_MS_MAX = TASK_RUNS > 100_000 ? 900_000 : 120_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

/** Tables that grow with what has happened; the others are as large as what is open now. */
const TABLES = [
  ...["run", "run_request", "task_run", "attempt", "output", "event", "dead_letter", "audit", "child_run"],
  ...["session", "cache_entry", "scope"],
];

test.each(["never taken", "taken when it was empty", "fresh"])(
  `among ${TASK_RUNS.toLocaleString("en")} finished task runs, statistics %s, every statement touches a few pages`,
  async (statistics) => {
    const explained = collectExplained();
    const scenario = await Scenario.begin(postgresSubject(() => explaining(server)));
    for (const table of TABLES) await scenario.opened.rows(`alter table ${table} set (autovacuum_enabled = off)`);
    await scenario.plan(chain("a"));
    await fill(scenario, statistics);
    const statements = recordStatements();
    await useEveryStatement(scenario, "1:1");
    // Closed without the usual recount: the finished rows were made up.
    await scenario.opened.close();
    const texts = new Set([...statements.values()].map(({ text }) => text));
    const ofStore = explained.filter(({ text }) => texts.has(text));
    expect(new Set(ofStore.map(({ text }) => text)).size).toBeGreaterThan(60);
    expect(ofStore.flatMap(faultsOf)).toEqual([]);
  },
  TIME_MS_MAX,
);

async function fill(scenario: Scenario, statistics: string): Promise<void> {
  const [schema] = await scenario.opened.rows("select current_schema() as name");
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`set search_path to ${schema?.name}`);
  if (statistics === "taken when it was empty") await client.query("analyze");
  for (const sql of historySql({ ...HISTORY, runs: TASK_RUNS / TASKS_IN_RUN })) await client.query(sql);
  if (statistics === "fresh") await client.query("analyze");
  await client.end();
}

function faultsOf({ text, pages, steps }: Explained): readonly string[] {
  const faults = steps.flatMap(({ kind, table, rows }) => {
    if (kind === "Seq Scan" && table !== undefined && TABLES.includes(table)) return [`reads all of ${table}`];
    return kind.includes("Sort") && rows > SORTED_ROWS_MAX ? [`sorts ${rows} rows`] : [];
  });
  const isSlow = pages > (text.includes("with recursive intervals") ? PAGES_OF_INTERVALS_MAX : PAGES_MAX);
  if (isSlow) faults.push(`looks at ${pages} pages`);
  const plan = steps.map(({ kind, table = "", index = "", rows }) => `${kind} ${table} ${index} ${rows}`).join("\n  ");
  return faults.map((fault) => `${fault}: ${text}\n  ${plan}`);
}
