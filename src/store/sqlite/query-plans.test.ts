import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { useEveryStatement } from "../conformance/every-statement.ts";
import { historySql } from "../conformance/history.ts";
import { chain } from "../conformance/pipelines.ts";
import { Scenario } from "../conformance/scenario.ts";
import { planFaults } from "./plan-faults-for-tests.ts";
import { type Recorded, recordStatements } from "./recorded-statements-for-tests.ts";
import { openTemporary } from "./subject-for-tests.ts";

/** `npm run test:history` asks for a million. */
// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const TASK_RUNS = Number(process.env.BATUTA_HISTORY ?? 20_000);
const TASKS_IN_RUN = 10;
const HISTORY = { project: "shop", pipeline: "daily", requestKey: "request", tasksInRun: TASKS_IN_RUN };

/** A plan does not tell how many rows are thrown away. Among few runs that is quick, so only a million tells. */
const READ_MS_MAX = TASK_RUNS > 100_000 ? 10 : Number.POSITIVE_INFINITY;
const TIMES = 3;
const TIME_MS_MAX = TASK_RUNS > 100_000 ? 900_000 : 120_000;

afterEach(() => {
  vi.restoreAllMocks();
});

test.each(["never taken", "forgotten when it is opened again"])(
  `among ${TASK_RUNS.toLocaleString("en")} finished task runs, statistics %s, no statement reads or sorts the history`,
  async (statistics) => {
    const opened: Awaited<ReturnType<typeof openTemporary>>[] = [];
    const open: typeof openTemporary = async (clock) => {
      opened.push(await openTemporary(clock));
      return opened[0] ?? openTemporary(clock);
    };
    const scenario = await Scenario.begin({ name: "SQLite", open });
    await scenario.plan(chain("a"));
    const path = opened[0]?.path ?? "";
    const filler = new DatabaseSync(path);
    for (const sql of historySql({ ...HISTORY, runs: TASK_RUNS / TASKS_IN_RUN })) filler.exec(sql);
    if (statistics !== "never taken") {
      filler.exec("analyze");
      await scenario.store.migrate();
    }
    filler.close();
    const statements = recordStatements();
    await useEveryStatement(scenario, "1");
    const database = new DatabaseSync(path);
    expect(statements.size).toBeGreaterThan(100);
    expect([...unplanned(database, statements), ...slow(database, statements)]).toEqual([]);
    database.close();
    // Closed without the usual recount: the finished rows were made up.
    await scenario.opened.close();
  },
  TIME_MS_MAX,
);

function unplanned(database: DatabaseSync, statements: Recorded): readonly string[] {
  return [...statements.keys()].flatMap((sql) => {
    const steps = database.prepare(`explain query plan ${sql}`).all();
    const plan = steps.map(({ parent, detail }) => ({ parent: Number(parent), detail: String(detail) }));
    return planFaults(plan).map((fault) => `${fault}: ${sql}`);
  });
}

function slow(database: DatabaseSync, statements: Recorded): readonly string[] {
  return [...statements].flatMap(([sql, values]) => {
    if (!/^\s*(select|with)/.test(sql)) return [];
    const read = database.prepare(sql);
    const times = Array.from({ length: TIMES }, () => {
      const start = systemClock.mono();
      read.all(...values);
      return systemClock.mono() - start;
    });
    const fastest = Math.min(...times);
    return fastest > READ_MS_MAX ? [`takes ${fastest.toFixed(1)} ms: ${sql}`] : [];
  });
}
