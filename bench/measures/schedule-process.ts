import type { ScheduleSpec } from "../../src/core/schedule/schedule-spec.ts";
import { Engine } from "../../src/engine/engine.ts";
import type { Executor } from "../../src/execution/executor.ts";
import { sleep, systemClock } from "../../src/ports/clock.ts";
import { ownIdentity } from "../../src/ports/processes.ts";
import { manifestOf } from "../../src/store/conformance/pipelines.ts";
import type { Store } from "../../src/store/store.ts";
import { openBenchStore } from "./bench-store.ts";

/** What schedules cost an engine whose attempts cost nothing. */
export interface ScheduleFigures {
  /** Of one core, of this process, with all schedules waiting. */
  readonly idleShare: number;
  /** From the second in which so many are due to the start of the last one's task. */
  readonly stormMs: number;
  /** From ticks that are spread evenly to the starts of their tasks. */
  readonly latenessMs: { readonly p50: number; readonly p99: number };
}

const PIPELINES = 10_000;
const STORM = 1_000;
const STEADY = 500;
const STEADY_EVERY_MS = 5_000;
const IDLE_MS = 20_000;
const STEADY_MS = 20_000;
const PROJECT = "bench";

const USUAL = {
  name: "main",
  timezone: "UTC",
  catchUp: "latest",
  graceMs: 600_000,
  enabled: true,
  params: {},
} as const;

const [, , url] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(url))}\n`);

async function measure(databaseUrl: string | undefined): Promise<ScheduleFigures> {
  const { store } = await openBenchStore({ url: databaseUrl, name: "bench_schedules" });
  const engine = engineOf(store);
  await engine.start();
  await deploy(engine, store, "idle", () => daily());
  await settled(store);
  const idleShare = await shareOfACore(IDLE_MS);
  const dueAt = Math.ceil((await store.now()) / 1_000) * 1_000 + 20_000;
  await deploy(engine, store, "storm", (index) => (index < STORM ? onceAt(dueAt) : daily()));
  await sleep(systemClock, dueAt - systemClock.wall());
  const stormMs = Math.max(...(await startsOf(store, STORM, 0)).map((startedAt) => startedAt - dueAt));
  await deploy(engine, store, "steady", (index) => (index < STEADY ? steady(index) : daily()));
  await settled(store);
  const since = await store.now();
  await sleep(systemClock, STEADY_MS);
  const latenessMs = await lateness(store, since);
  await engine.stop();
  await store.close();
  return { idleShare, stormMs, latenessMs };
}

function engineOf(store: Store): Engine {
  const executor: Executor = {
    slots: 64,
    execute: async () => ({ result: { kind: "success" } }),
    stop: () => {},
    poll: async () => ({ kind: "done" }),
    findFiles: async () => ({ kind: "files", print: "", files: [] }),
    parseParams: async (_, params) => params,
    nextTicks: async () => ({ ticks: [], isLast: true }),
    close: async () => {},
  };
  const session = {
    id: PROJECT,
    project: PROJECT,
    role: "server",
    process: ownIdentity(),
    leaseMs: 10_000,
    runs: null,
  } as const;
  const processes = { stateOf: () => "alive" as const, endLeftOvers: async () => {} };
  return new Engine({ store, executor, clock: systemClock, processes }, session, {
    onProblem: ({ duty, error }) => process.stderr.write(`${duty}: ${String(error)}\n`),
  });
}

async function deploy(
  engine: Engine,
  store: Store,
  versionHash: string,
  scheduleOf: (index: number) => ScheduleSpec,
): Promise<void> {
  const names = Array.from({ length: PIPELINES }, (_, index) => `p${index}`);
  const { pipelines, ...manifest } = manifestOf(Object.fromEntries(names.map((name) => [name, { a: {} }])));
  const scheduled = pipelines.map((spec, index) => ({ ...spec, schedules: [scheduleOf(index)] }));
  await store.saveVersion({ hash: versionHash, project: PROJECT, manifest: { ...manifest, pipelines: scheduled } });
  await engine.deploy({ project: PROJECT, versionHash, actor: "bench" });
}

/** Every schedule has been looked at. */
async function settled(store: Store): Promise<void> {
  for (;;) {
    const now = await store.now();
    const isDue = ({ nextAt }: { readonly nextAt?: number }) => nextAt !== undefined && nextAt <= now;
    if (!(await store.schedules(PROJECT)).some(isDue)) return;
    await sleep(systemClock, 100);
  }
}

async function shareOfACore(ms: number): Promise<number> {
  const before = process.cpuUsage();
  await sleep(systemClock, ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / ms;
}

/** When the tasks of runs have begun, once there are so many. */
async function startsOf(store: Store, count: number, since: number): Promise<readonly number[]> {
  for (;;) {
    const runs = await store.runs({ project: PROJECT, states: ["success"], limit: 100_000 });
    if (runs.filter(({ createdAt }) => createdAt >= since).length >= count) break;
    await sleep(systemClock, 250);
  }
  return (await started(store, since)).map(({ startedAt }) => startedAt);
}

async function started(store: Store, since: number) {
  const runs = await store.runs({ project: PROJECT, states: ["success"], limit: 100_000 });
  const found: { readonly end: number; readonly startedAt: number }[] = [];
  for (const { id, interval, createdAt } of runs) {
    if (createdAt < since) continue;
    const [first] = await store.taskRuns(id);
    found.push({ end: interval.end, startedAt: first?.startedAt ?? Number.POSITIVE_INFINITY });
  }
  return found;
}

async function lateness(store: Store, since: number): Promise<ScheduleFigures["latenessMs"]> {
  const ms = (await started(store, since))
    .map(({ end, startedAt }) => startedAt - end)
    .sort((one, other) => one - other);
  const at = (share: number): number => ms[Math.min(Math.floor(ms.length * share), ms.length - 1)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function daily(): ScheduleSpec {
  return { ...USUAL, timing: { kind: "cron", expression: "0 3 * * *" }, timezone: "Europe/Zurich" };
}

function onceAt(at: number): ScheduleSpec {
  return { ...USUAL, name: "storm", timing: { kind: "once" }, start: { kind: "instant", at } };
}

function steady(index: number): ScheduleSpec {
  const anchor = index * (STEADY_EVERY_MS / STEADY);
  return { ...USUAL, name: "steady", timing: { kind: "every", ms: STEADY_EVERY_MS, anchor } };
}
