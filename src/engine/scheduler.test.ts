import { expect, test } from "vitest";
import type { PipelineSpec, ProjectManifest } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { NewSession } from "../store/store.ts";
import { drive } from "../testing/drive.ts";
import { InProcessExecutor } from "../testing/in-process-executor.ts";
import { returns } from "../testing/stub.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Engine } from "./engine.ts";
import type { OwnerProcesses } from "./owner-processes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BEGIN = Date.UTC(2026, 0, 1);

test("a schedule fires on time, by the time it was told alone, and its runs are executed", async () => {
  const { deploy, start, until, runs } = await setup();
  await start("first");
  await deploy({ hourly: [hourly()] });
  await until(BEGIN + 3 * HOUR_MS + 1_000);
  expect((await runs()).map(({ createdAt, interval, state }) => [createdAt - interval.end, state])).toEqual([
    ...[
      [0, "success"],
      [0, "success"],
      [0, "success"],
    ],
  ]);
});

test("who executes a run of its own alone fires no schedules", async () => {
  const { deploy, start, until, runs } = await setup();
  await start("first", []);
  await deploy({ hourly: [hourly()] });
  await until(BEGIN + 3 * HOUR_MS);
  expect(await runs()).toEqual([]);
});

test("B36, I18, I19: over 30 days with restarts no tick is lost, none comes twice, and they come in order", async () => {
  const { deploy, start, until, runs } = await setup();
  let stop = await start("0");
  const daily = scheduleOf({ kind: "cron", expression: "30 2 * * *" }, { timezone: "Europe/Zurich", catchUp: "all" });
  await deploy({ daily: [daily], hourly: [hourly({ catchUp: "all" })] });
  for (let day = 1; day <= 30; day++) {
    await until(BEGIN + day * DAY_MS - 2 * HOUR_MS);
    await stop();
    await until(BEGIN + day * DAY_MS);
    stop = await start(String(day));
  }
  await until(BEGIN + 30 * DAY_MS + 60_000);
  await stop();
  const made = await runs();
  const ends = (name: string) => made.filter(({ pipeline }) => pipeline === name).map(({ interval }) => interval.end);
  expect(ends("hourly")).toEqual(Array.from({ length: 30 * 24 }, (_, n) => BEGIN + (n + 1) * HOUR_MS));
  expect(ends("daily")).toEqual(Array.from({ length: 30 }, (_, n) => BEGIN + n * DAY_MS + 1.5 * HOUR_MS));
});

/** Nobody else touches the store: hints, and the times that duties were told, must do. */
const POLL_MS = 100 * DAY_MS;

async function setup() {
  const clock = new VirtualClock(BEGIN);
  const store = openSqliteStore({ path: ":memory:", clock });
  await store.migrate();
  const executor = () =>
    new InProcessExecutor(clock, ({ task, attempt }) => {
      return { kind: "scripted", attempt: returns(task.name).attempt(attempt) };
    });
  let newest = executor();
  let engine: Engine | undefined;
  const start = async (id: string, runs: NewSession["runs"] = null) => {
    newest = executor();
    const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
    const process = { hostname: "here", hostId: "here", pid: 1, startTime: id };
    const session: NewSession = { id, project: "test", role: "server", process, leaseMs: POLL_MS, runs };
    const started = new Engine({ store, executor: newest, clock, processes, pollMs: POLL_MS }, session);
    engine = started;
    await started.start();
    return () => started.stop();
  };
  const deploy = async (schedules: Readonly<Record<string, readonly ScheduleSpec[]>>) => {
    await store.saveVersion({ hash: "v1", project: "test", manifest: manifestOf(schedules) });
    await engine?.deploy({ project: "test", versionHash: "v1", actor: "test" });
  };
  const until = async (at: number) => {
    let isOver = false;
    clock.after(at - clock.wall(), () => {
      isOver = true;
    });
    await drive(clock, newest, () => isOver, 1_000);
  };
  const runs = async () => [...(await store.runs({ project: "test", limit: 1_000 }))].reverse();
  return { deploy, start, until, runs };
}

function hourly(more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  return scheduleOf({ kind: "every", ms: HOUR_MS }, more);
}

function scheduleOf(timing: ScheduleSpec["timing"], more: Partial<ScheduleSpec> = {}): ScheduleSpec {
  const usual = {
    name: "main",
    timezone: "UTC",
    catchUp: "latest",
    graceMs: 600_000,
    enabled: true,
    params: {},
  } as const;
  return { ...usual, timing, ...more };
}

function manifestOf(schedules: Readonly<Record<string, readonly ScheduleSpec[]>>): ProjectManifest {
  const location = { file: "pipelines/p.ts", line: 1 };
  const pipelines = Object.entries(schedules).map(([name, own]): PipelineSpec => {
    const tasks = [plainTask("a", { location, graceMs: 1_000 })];
    return { name, location, tags: [], timezone: "UTC", schedules: own, tasks, graphHash: name };
  });
  return { format: 1, pipelines };
}
