import { expect, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { NewBackfill } from "../store/backfill-records.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { NewRun, NewSession, Store } from "../store/store.ts";
import { drive } from "../testing/drive.ts";
import { InProcessExecutor } from "../testing/in-process-executor.ts";
import { returns } from "../testing/stub.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Engine } from "./engine.ts";
import type { OwnerProcesses } from "./owner-processes.ts";

/** Nobody else touches the store, so nothing need be looked for: hints alone must do. */
const DAY_MS = 86_400_000;
const PLACE = { file: "pipelines/p.ts", line: 1 };
const DAYS = 20;

test("BF-3, BF-5: an engine of one backfill works it off within its budget, by hints alone, and runs nothing else", async () => {
  const { store, clock, runUntilDone, active } = await setup();
  const { backfill } = await store.createBackfill(january({ maxActive: 3 }));
  await store.createRuns([live("live")]);
  const began = clock.wall();
  await runUntilDone({ id: "one", runs: [], backfill: backfill.id });
  expect(await store.backfill("test", backfill.id)).toMatchObject({ state: "done", runs: { success: DAYS } });
  expect(Math.max(...active)).toBe(3);
  expect((await store.runs({ project: "test", states: ["running"], limit: 9 })).map(({ id }) => id)).toEqual(["live"]);
  expect(clock.wall() - began).toBeLessThan(DAY_MS);
  await store.close();
});

test("an engine of all runs works off all backfills, beside live runs", async () => {
  const { store, runUntilDone } = await setup();
  const ids: number[] = [];
  for (const requestKey of ["one", "two"]) {
    ids.push(
      (await store.createBackfill(january({ requestKey, request: { ...REQUEST, reprocess: "all" } }))).backfill.id,
    );
  }
  await store.createRuns([live("live")]);
  await runUntilDone({ id: "all", runs: null });
  for (const id of ids) expect(await store.backfill("test", id)).toMatchObject({ state: "done", runs: { failed: 0 } });
  expect((await store.run("live"))?.state).toBe("success");
  await store.close();
});

async function setup() {
  const clock = new VirtualClock(Date.UTC(2024, 1, 1));
  const store = openSqliteStore({ path: ":memory:", clock });
  await store.migrate();
  const task = plainTask("load", { location: PLACE });
  const pipeline: PipelineSpec = {
    name: "p",
    location: PLACE,
    tags: [],
    timezone: "UTC",
    tasks: [task],
    graphHash: "h",
  };
  await store.saveVersion({ hash: "v1", project: "test", manifest: { format: 1, pipelines: [pipeline] } });
  const active: number[] = [];
  let isDone = false;
  const watched: Store = new Proxy(store, {
    get: (target, name: keyof Store) => (name === "advanceBackfills" ? advance : target[name].bind(target)),
  });
  const advance: Store["advanceBackfills"] = async (request) => {
    const result = await store.advanceBackfills(request);
    active.push(result.active.length);
    isDone = result.open === 0;
    return result;
  };
  const runUntilDone = async (who: Pick<NewSession, "id" | "runs" | "backfill">) => {
    const process = { hostname: "here", hostId: "here", pid: 1, startTime: "1" };
    const attempt = returns(1).taking("10s");
    const executor = new InProcessExecutor(clock, (order) => ({
      kind: "scripted",
      attempt: attempt.attempt(order.attempt),
    }));
    const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
    const session: NewSession = { project: "test", role: "server", process, leaseMs: 10 * DAY_MS, ...who };
    const engine = new Engine({ store: watched, executor, clock, processes, pollMs: DAY_MS }, session);
    await engine.start();
    await drive(clock, executor, () => isDone, 5_000);
    await engine.stop();
  };
  return { store, clock, active, runUntilDone };
}

const REQUEST: NewBackfill["request"] = {
  ...{ timing: { kind: "every", ms: DAY_MS }, timezone: "UTC", from: "2024-01-01", to: "2024-01-20", params: {} },
  ...{ reprocess: "missing", order: "oldest_first", isSingleRun: false },
};

function january(more: Partial<NewBackfill>): NewBackfill {
  const start = Date.UTC(2024, 0, 1);
  return {
    ...{ project: "test", pipeline: "p", schedule: "main", versionHash: "v1", requestKey: "january", request: REQUEST },
    ...{ range: { start, end: start + DAYS * DAY_MS }, intervals: DAYS, maxActive: 16, actor: "anna" },
    ...more,
  };
}

function live(id: string): NewRun {
  return {
    ...{ id, project: "test", pipeline: "p", versionHash: "v1", trigger: "manual", interval: { start: 0, end: 0 } },
    ...{ timezone: "UTC", ds: "1970-01-01", params: {}, requestKey: "live", actor: "anna" },
  };
}
