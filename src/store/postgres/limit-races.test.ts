import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskRunState } from "../../core/state.ts";
import { manifestOf, type PipelineSketch } from "../conformance/pipelines.ts";
import type { EventRecord, NewRun, Store } from "../store.ts";
import { beginRaces, PROCESSES, race } from "./race-for-tests.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";

/** `npm run test:races` lets the processes meet 10,000 times. */
// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const RACES = Number(process.env.BATUTA_RACES ?? 400);
/** A run costs more than a task run. */
const RUN_RACES = RACES < 10_000 ? RACES / 4 : RACES;
const TASKS_OF_RUN = 500;
const HISTORY_MS_MAX = RACES < 10_000 ? 120_000 : 1_800_000;

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.stop());

test(
  "I24: of a pool with one slot never two hold it, however many processes race for it",
  async () => {
    const { store, schema, folder } = await beginRaces(server);
    await createWide(store, RACES, () => ({ pools: [{ name: "one", slots: 1 }] }));
    await race(server, { schema, folder, program: CLAIM });
    const peak = peakOf(await allEvents(store), () => 1);
    expect(peak).toEqual({ most: 1, started: RACES });
  },
  HISTORY_MS_MAX,
);

test(
  "I24: task runs that take several slots of a pool never hold more than it has",
  async () => {
    const { store, schema, folder } = await beginRaces(server);
    const weightOf = (task: number): number => (task % 3 === 0 ? 2 : 1);
    await createWide(store, RACES, (task) => ({ pools: [{ name: "five", slots: weightOf(task) }] }));
    await race(server, { schema, folder, program: CLAIM_MANY });
    const peak = peakOf(await allEvents(store), weightOf);
    expect(peak).toEqual({ most: 5, started: RACES });
  },
  HISTORY_MS_MAX,
);

test(
  "I24: of a pipeline that allows one run never two are under way, whoever creates and admits them",
  async () => {
    const { store, schema, folder } = await beginRaces(server);
    const manifest = manifestOf({ daily: { only: {} } }, { maxRuns: 1 });
    await store.saveVersion({ hash: "runs", project: "shop", manifest });
    await race(server, { schema, folder, program: `const races = ${Math.floor(RUN_RACES / PROCESSES)};${CREATE}` });
    let running = 0;
    let most = 0;
    let ended = 0;
    for (const { body } of await allEvents(store)) {
      if (body.kind !== "run_state") continue;
      running += Number(body.to === "running") - Number(body.from === "running");
      ended += Number(body.to === "success");
      most = Math.max(most, running);
    }
    expect({ most, ended }).toEqual({ most: 1, ended: Math.floor(RUN_RACES / PROCESSES) * PROCESSES });
  },
  HISTORY_MS_MAX,
);

/** Runs with so many ready task runs in all. */
async function createWide(
  store: Store,
  count: number,
  sketch: (task: number) => PipelineSketch[string],
): Promise<void> {
  const tasks = Object.fromEntries(
    Array.from({ length: Math.min(count, TASKS_OF_RUN) }, (_, task) => [`t${task}`, sketch(task)]),
  );
  const manifest = { ...manifestOf({ daily: tasks }, { maxRuns: count }), pools: { one: 1, five: 5 } };
  await store.saveVersion({ hash: "wide", project: "shop", manifest });
  const runs = Array.from({ length: count / Object.keys(tasks).length }, (_, index) => aRun(`run-${index}`, "wide"));
  await store.createRuns(runs);
}

function aRun(id: string, versionHash: string): NewRun {
  return {
    ...{ id, project: "shop", pipeline: "daily", versionHash, trigger: "manual", interval: { start: 0, end: 1 } },
    ...{ timezone: "UTC", ds: "1970-01-01", params: {}, requestKey: id, actor: "tester" },
  };
}

/** The most that ran at the same time, by weight, as the events tell it in the order of the commits. */
function peakOf(events: readonly EventRecord[], weightOf: (task: number) => number) {
  let used = 0;
  let most = 0;
  let started = 0;
  const holds = (state: TaskRunState): number => Number(state === "running");
  for (const { body } of events) {
    if (body.kind !== "task_state") continue;
    used += weightOf(body.taskIndex) * (holds(body.to) - holds(body.from));
    started += holds(body.to);
    most = Math.max(most, used);
  }
  return { most, started };
}

async function allEvents(store: Store): Promise<readonly EventRecord[]> {
  const events: EventRecord[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await store.events({ limit: 10_000, ...(after === undefined ? {} : { after }) });
    if (page.events.length === 0) return events;
    events.push(...page.events);
    after = page.cursor;
  }
}

/**
 * Asks for four, may get one: a file that only one can make is the witness that no other has it. It lets go without
 * claiming anew, so that all race for it.
 */
const CLAIM = `
  for (;;) {
    const { claims } = await exchange([], 4);
    if (claims.length > 1) throw new Error(claims.length + " were claimed at once");
    if (claims.length === 0 && !(await unfinished())) break;
    if (claims.length === 0) continue;
    closeSync(openSync(folder + "/held", "wx"));
    unlinkSync(folder + "/held");
    await store.completeAndClaim(claims.map(success), undefined);
  }`;

const CLAIM_MANY = `
  for (let claims = []; ; ) {
    claims = (await exchange(claims, 4)).claims;
    if (claims.length === 0 && !(await unfinished())) break;
  }`;

/** Creates runs while those that are there are worked off by all. */
const CREATE = `
  const run = (id) => ({
    id, project: "shop", pipeline: "daily", versionHash: "runs", trigger: "manual", interval: { start: 0, end: 1 },
    timezone: "UTC", ds: "1970-01-01", params: {}, requestKey: id, actor: "tester",
  });
  let claims = [];
  for (let race = 0; race < races; race++) {
    await store.createRuns([run(index + "-" + race)]);
    claims = (await exchange(claims, 4)).claims;
    await store.admitRuns();
  }
  while (claims.length > 0 || (await unfinished())) {
    claims = (await exchange(claims, 4)).claims;
    await store.admitRuns();
  }`;
