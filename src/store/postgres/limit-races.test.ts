import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { TaskRunState } from "../../core/state.ts";
import { manifestOf, type PipelineSketch } from "../conformance/pipelines.ts";
import type { EventRecord, NewRun, Store } from "../store.ts";
import { openPostgresStore } from "./open-postgres-store.ts";
import { startTestServer, type TestServer } from "./server-for-tests.ts";

/** Four processes of the operating system on one PostgreSQL: `npm run test:races` lets them meet 10,000 times. */
const PROCESSES = 4;
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
    const { store, schema, folder } = await begin();
    await createWide(store, RACES, () => ({ pools: [{ name: "one", slots: 1 }] }));
    await race({ schema, folder, program: CLAIM });
    const peak = peakOf(await allEvents(store), () => 1);
    expect(peak).toEqual({ most: 1, started: RACES });
  },
  HISTORY_MS_MAX,
);

test(
  "I24: task runs that take several slots of a pool never hold more than it has",
  async () => {
    const { store, schema, folder } = await begin();
    const weightOf = (task: number): number => (task % 3 === 0 ? 2 : 1);
    await createWide(store, RACES, (task) => ({ pools: [{ name: "five", slots: weightOf(task) }] }));
    await race({ schema, folder, program: CLAIM_MANY });
    const peak = peakOf(await allEvents(store), weightOf);
    expect(peak).toEqual({ most: 5, started: RACES });
  },
  HISTORY_MS_MAX,
);

test(
  "I24: of a pipeline that allows one run never two are under way, whoever creates and admits them",
  async () => {
    const { store, schema, folder } = await begin();
    const manifest = manifestOf({ daily: { only: {} } }, { maxRuns: 1 });
    await store.saveVersion({ hash: "runs", project: "shop", manifest });
    await race({ schema, folder, program: CREATE });
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

async function begin(): Promise<{ readonly store: Store; readonly schema: string; readonly folder: string }> {
  const schema = server.freshSchema();
  const store = openPostgresStore({ url: server.url, schema });
  await store.migrate();
  const folder = mkdtempSync(join(tmpdir(), "batuta-races-"));
  onTestFinished(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  return { store, schema, folder };
}

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

interface Race {
  readonly schema: string;
  readonly folder: string;
  readonly program: string;
}

/** Returns when all processes have found nothing left to do; the first that fails ends the others. */
async function race(how: Race): Promise<void> {
  const racers = Array.from({ length: PROCESSES }, (_, index) => racer(how, index));
  try {
    await Promise.all(racers.map(({ ended }) => ended));
  } finally {
    for (const { child } of racers) child.kill("SIGKILL");
  }
}

function racer({ schema, folder, program }: Race, index: number) {
  const settings = { url: server.url, schema, folder, index, races: Math.floor(RUN_RACES / PROCESSES) };
  const text = `
    import { closeSync, openSync, unlinkSync } from "node:fs";
    import { openPostgresStore } from ${JSON.stringify(new URL("./open-postgres-store.ts", import.meta.url).href)};
    import { sleep, systemClock } from ${JSON.stringify(new URL("../../ports/clock.ts", import.meta.url).href)};
    const { url, schema, folder, index, races } = ${JSON.stringify(settings)};
    const store = openPostgresStore({ url, schema, poolSize: 2 });
    const session = "racer-" + index;
    const process = { hostname: "h", hostId: "b", pid: index, startTime: "1" };
    await store.openSession({ id: session, project: "shop", role: "server", process, leaseMs: 600000, runs: null });
    const success = ({ taskRunKey, token }) => ({ taskRunKey, token, session, result: { kind: "success" } });
    const exchange = (claims, slots) =>
      store.completeAndClaim(claims.map(success), { session, slots, queues: ["default"] });
    const unfinished = async () => (await store.runs({ states: ["queued", "running"], limit: 1 })).length > 0;
    ${program}
    await store.close();`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("close", (code) => {
      if (code === 0 && errors === "") resolve();
      else reject(new Error(`A racer has ended with ${code}: ${errors}`));
    });
  });
  return { child, ended };
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
