import { expect, onTestFinished, test } from "vitest";
import type { PipelineSpec, ProjectManifest, TaskSpec } from "../../core/manifest.ts";
import { plainTask } from "../../core/plain-task-for-tests.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import type { TriggerSpec } from "../../core/trigger/trigger-spec.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import { foresee } from "./foresee.ts";
import { readProject } from "./read-project.ts";
import { type TimelineReport, timelineReport } from "./timeline-report.ts";

const MIDNIGHT = Date.parse("2026-01-02T00:00Z");
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

test("runs begin and end as schedules and tasks say, and tasks that need one pool at once collide", async () => {
  const load = plainTask("load", { pools: [{ name: "db", slots: 1 }] });
  const { look } = await deployed({
    pipelines: [daily("a", "0 6 * * *", [load]), daily("b", "0 6 * * *", [plainTask("fetch"), after(load)])],
    pools: { db: 1 },
  });
  const report = await look();
  expect(report.runs).toMatchObject([
    { pipeline: "a", schedule: "main", ds: "2026-01-01", due: utc("06:00"), starts: utc("06:00"), ends: utc("06:10") },
    { pipeline: "b", ds: "2026-01-01", due: utc("06:00"), ends: utc("06:20"), takesMs: 20 * MINUTE_MS, waits: [] },
  ]);
  expect(report.collisions).toEqual([]);
  expect(report.assumed).toEqual(["a/load", "b/fetch", "b/load"]);
});

test("what waits for a full pool is told with how long, and that operators have set the pool", async () => {
  const load = plainTask("load", { pools: [{ name: "db", slots: 1 }] });
  const pipelines = ["a", "b", "c"].map((name) => daily(name, "0 6 * * *", [load]));
  const { look, store } = await deployed({ pipelines, pools: { db: 3 } });
  expect((await look()).collisions).toEqual([]);
  const declared = { name: "pool:db", slots: 3 };
  await store.setScopeLimit({ project: "shop", name: "pool:db", slots: 1, declared, actor: "anna" });
  const { collisions, runs } = await look();
  expect(runs.map(({ ends }) => ends)).toEqual([utc("06:10"), utc("06:20"), utc("06:30")]);
  expect(collisions).toMatchObject([
    {
      ...{ limit: "pool:db", slots: 1, from: utc("06:00"), to: utc("06:20") },
      waiting: [
        { pipeline: "b", task: "load", ms: 10 * MINUTE_MS },
        { pipeline: "c", ms: 20 * MINUTE_MS },
      ],
    },
  ]);
  const crowded = await look({ slots: 2 });
  expect(crowded.collisions).toMatchObject([{ limit: "pool:db" }]);
});

test("the slots of the engine are a limit as well, and so are the places of a pipeline", async () => {
  const pipelines = [daily("a", "0 6 * * *", [plainTask("x")]), daily("b", "0 6 * * *", [plainTask("x")])];
  const { look } = await deployed({ pipelines });
  expect((await look({ slots: 1 })).collisions).toMatchObject([
    { limit: "slots", slots: 1, waiting: [{ pipeline: "b" }] },
  ]);
  const busy = daily("busy", "0,5 6 * * *", [plainTask("x")], { maxRuns: 1 });
  const { runs } = await (await deployed({ pipelines: [busy] })).look();
  expect(runs).toMatchObject([{ starts: utc("06:00") }, { starts: utc("06:10"), placeMs: 5 * MINUTE_MS }]);
});

test("a deadline that will be missed is told; one that is kept is not", async () => {
  const tight = daily("tight", "0 6 * * *", [plainTask("x")], { deadlines: [{ kind: "within", ms: 5 * MINUTE_MS }] });
  const easy = daily("easy", "0 6 * * *", [plainTask("x")], { deadlines: [{ kind: "by", minute: 480, day: 0 }] });
  const { look } = await deployed({ pipelines: [tight, easy] });
  expect((await look()).deadlines).toMatchObject([{ pipeline: "tight", due: utc("06:05"), ends: utc("06:10") }]);
});

test("an asset that will not be made by its time of day is told", async () => {
  const make = (key: string, minute: number): TaskSpec =>
    plainTask(`make_${key}`, { outputs: [{ key, deadline: { kind: "by", minute, day: 0 } }] });
  const a = daily("a", "0 6 * * *", [make("orders", 365), make("stock", 375), make("items", 365)]);
  const { look, clock, store } = await deployed({ pipelines: [a] });
  expect((await look()).lateAssets).toEqual([]);
  clock.advanceBy(29 * HOUR_MS);
  await store.pausePipeline({ project: "shop", pipeline: "a", actor: "anna" });
  const due = "2026-01-03T06:05:00.000Z";
  expect((await look()).lateAssets).toMatchObject([
    { asset: "items", due },
    { asset: "orders", due },
    { asset: "stock" },
  ]);
  await store.resumePipeline({ project: "shop", pipeline: "a", actor: "anna" });
  // What was missed is made up for at once: each has been made since the day before.
  expect((await look({ hours: 3 })).lateAssets).toEqual([]);
});

test("paused pipelines, schedules by code and those that fire too often are named, and no runs made of them", async () => {
  const second = daily("second", "* * * * * *", [plainTask("x")]);
  const coded = daily("coded", "0 6 * * *", [plainTask("x")], {
    schedules: [{ ...scheduleOf("0 6 * * *"), timing: { kind: "code" } }],
  });
  const { look, store } = await deployed({ pipelines: [daily("a", "0 6 * * *", [plainTask("x")]), second, coded] });
  await store.pausePipeline({ project: "shop", pipeline: "a", actor: "anna" });
  const report = await look();
  expect(report).toMatchObject({ runs: [], paused: ["a"], folded: [{ pipeline: "second", runs: 86_400 }] });
  expect(report.unforeseen).toEqual([{ pipeline: "coded", schedule: "main", why: "code" }]);
});

test("a schedule goes on where the store says, and what has begun holds its slots for what is left of it", async () => {
  const load = plainTask("load", { pools: [{ name: "db", slots: 1 }] });
  const { look, store, clock, claim } = await deployed({
    pipelines: [daily("a", "0 * * * *", [load]), daily("other", "30 0 * * *", [load])],
    pools: { db: 1 },
  });
  await store.fireSchedules();
  clock.advanceBy(HOUR_MS + 4 * MINUTE_MS);
  await store.fireSchedules();
  await claim();
  clock.advanceBy(4 * MINUTE_MS);
  const report = await look({ hours: 1 });
  const begun = report.runs.filter(({ id }) => id !== undefined);
  expect(begun.map(({ pipeline }) => pipeline).sort()).toEqual(["a", "other"]);
  expect(begun.map(({ ends }) => ends).sort()).toEqual([utc("01:14"), utc("01:24")]);
  expect(report.runs.filter(({ id }) => id === undefined)).toMatchObject([{ pipeline: "a", due: utc("02:00") }]);
});

test("a run that the end of another starts is foreseen, and so are runs that follow each other", async () => {
  const trigger: TriggerSpec = {
    ...{ name: "after_a", location: { file: "pipelines/b.ts", line: 1 }, params: {} },
    source: { kind: "pipeline", pipeline: "a", state: "success", interval: "same" },
  };
  const b = daily("b", "0 6 * * *", [plainTask("x")], { schedules: [], triggers: [trigger] });
  const { look } = await deployed({ pipelines: [daily("a", "0 6 * * *", [plainTask("x")]), b] });
  const [first, second] = (await look()).runs;
  expect(first).toMatchObject({ pipeline: "a", ends: utc("06:10") });
  expect(second).toMatchObject({ pipeline: "b", ds: "2026-01-01" });
  expect(Date.parse(second?.starts ?? "") - Date.parse(first?.ends ?? "")).toBeLessThanOrEqual(10_000);
  const stream = daily("stream", "0 6 * * *", [plainTask("x")], {
    schedules: [{ ...scheduleOf("0 6 * * *"), timing: { kind: "continuous", gapMs: 0 } }],
  });
  const { runs } = await (await deployed({ pipelines: [stream] })).look({ hours: 1 });
  // One begins when the one before has ended, and that has been seen.
  const starts = runs.map((run) => Math.round((Date.parse(run.starts ?? "") - MIDNIGHT) / MINUTE_MS));
  expect(starts).toEqual([0, 10, 20, 30, 40, 50]);
});

test("a mapped task, a branch and a sensor of a pipeline are lived through without their code", async () => {
  const list = plainTask("list", { isMapSource: true });
  const map = { over: { kind: "task", index: 0 }, limit: 100 } as const;
  const each: TaskSpec = { ...after(plainTask("each")), map };
  const choose: TaskSpec = { ...after(plainTask("choose")), decides: "branch", upstream: [1] };
  const { look } = await deployed({ pipelines: [daily("a", "0 6 * * *", [list, each, choose])] });
  expect((await look()).runs).toMatchObject([{ state: "success", takesMs: 30 * MINUTE_MS }]);
});

async function deployed(project: Pick<ProjectManifest, "pipelines" | "pools">) {
  const clock = new VirtualClock(MIDNIGHT);
  const store = openSqliteStore({ path: ":memory:", clock });
  onTestFinished(() => store.close());
  await store.migrate();
  const manifest: ProjectManifest = { format: 1, ...project };
  await store.saveVersion({ hash: "v1", project: "shop", manifest });
  await store.deploy({ project: "shop", versionHash: "v1", actor: "anna" });
  const look = async ({ slots = 8, hours = 24 } = {}): Promise<TimelineReport> => {
    const now = clock.wall();
    const ahead = { project: "shop", manifest, isDeployed: true, now, to: now + hours * HOUR_MS, slots };
    const foreseen = await readProject(store, { ...ahead, assumedMs: 10 * MINUTE_MS });
    return timelineReport(foreseen, await foresee(foreseen), now);
  };
  return { look, store, clock, claim: () => claimAll(store) };
}

async function claimAll(store: Store): Promise<void> {
  const process = { hostname: "h", hostId: "h", pid: 1, startTime: "1" };
  const session = await store.openSession({
    ...{ id: "s", project: "shop", role: "server", process, leaseMs: HOUR_MS, runs: null },
  });
  await store.completeAndClaim([], { session, slots: 9, queues: ["default"] });
}

function daily(
  name: string,
  expression: string,
  tasks: readonly TaskSpec[],
  more: Partial<PipelineSpec> = {},
): PipelineSpec {
  const location = { file: `pipelines/${name}.ts`, line: 1 };
  const schedules = [scheduleOf(expression)];
  return { name, location, tags: [], timezone: "UTC", schedules, tasks, graphHash: name, ...more };
}

function scheduleOf(expression: string): ScheduleSpec {
  const timing = { kind: "cron", expression } as const;
  return { name: "main", timezone: "UTC", timing, catchUp: "latest", graceMs: 600_000, enabled: true, params: {} };
}

function after(task: TaskSpec): TaskSpec {
  return { ...task, upstream: [0] };
}

function utc(time: string): string {
  return `2026-01-02T${time}:00.000Z`;
}
