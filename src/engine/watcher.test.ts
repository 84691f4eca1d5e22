import { expect, test } from "vitest";
import type { SensorSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import { BatutaError } from "../core/problem.ts";
import type { AttemptOrder, PollAnswer, PollOrder } from "../execution/executor.ts";
import { systemClock } from "../ports/clock.ts";
import type { Poll, PollReport, PollReports } from "../store/watch-records.ts";
import { ClaimedWork } from "./claimed-work.ts";
import { PollOrders } from "./poll-orders.ts";
import { StoreSensors } from "./store-sensors.ts";
import { Watcher } from "./watcher.ts";

const SENSOR: SensorSpec = {
  kind: "file",
  by: "host",
  config: { path: "in/{{ ds }}.csv" },
  pollEvery: { firstMs: 10_000, factor: 1, maxMs: 10_000 },
  timeoutMs: 3_600_000,
  onTimeout: "fail",
  pollTimeoutMs: 30_000,
  errorsMax: 3,
};

test("WT-1: due polls are made with their configuration rendered, and reported with the wait to the next one", async () => {
  const watching = setup([poll(1), poll(2), poll(3)]);
  watching.answers.push({ kind: "not_yet", seen: "nothing" }, { kind: "not_yet", againMs: 7 }, { kind: "done" });
  await watching.turn();
  expect(watching.asked.map(({ config, number, now }) => [config, number, now])).toEqual(
    [1, 2, 3].map(() => [{ path: "in/2026-01-02.csv" }, 1, 5_000]),
  );
  expect(watching.reported).toMatchObject([
    { taskRunKey: 1, token: 11, result: { kind: "not_yet", seen: "nothing" } },
    { taskRunKey: 2, token: 12, result: { kind: "not_yet", waitMs: 7 } },
    { taskRunKey: 3, token: 13, result: { kind: "success" } },
  ]);
  const [first] = watching.reported;
  const waitMs = first?.result.kind === "not_yet" ? first.result.waitMs : 0;
  expect(waitMs).toBeGreaterThanOrEqual(9_000);
  expect(waitMs).toBeLessThanOrEqual(10_000);
  expect(watching.ended).toBe(1);
});

test("WT-1: errors in a row are backed off from, and the last one that is let pass fails the sensor", async () => {
  const watching = setup([poll(1), poll(2, { errors: 2, polls: 9 })]);
  const failure = { reason: "error", message: "no route" } as const;
  watching.answers.push({ kind: "error", failure }, { kind: "error", failure });
  await watching.turn();
  expect(watching.reported).toMatchObject([
    { result: { kind: "error", failure } },
    { result: { kind: "failed", failure } },
  ]);
  const [first] = watching.reported;
  expect(first?.result.kind === "error" ? first.result.waitMs : 0).toBeGreaterThanOrEqual(18_000);
});

test("WT-1: a configuration that names nothing fails the sensor at once: no poll more can mend it", async () => {
  const watching = setup([poll(1)], { config: { path: "{{ params.nothing }}" } });
  await watching.turn();
  expect(watching.asked).toEqual([]);
  expect(watching.reported).toMatchObject([{ result: { kind: "failed", failure: { reason: "cannot_start" } } }]);
});

test("B41: a poll that was taken anew while it was made is reported with its newer number, and made once", async () => {
  const watching = setup([poll(1)]);
  const { promise, resolve } = Promise.withResolvers<PollAnswer>();
  watching.answers.push(promise);
  await watching.turn();
  watching.due.push(poll(1, { token: 99 }));
  await watching.turn();
  expect(watching.asked).toHaveLength(1);
  resolve({ kind: "done" });
  await watching.turn();
  expect(watching.reported).toMatchObject([{ token: 99, result: { kind: "success" } }]);
});

test("B40: what was seen by a wait that was begun anew meanwhile says nothing of the new one, which looks itself", async () => {
  const watching = setup([poll(1)]);
  const { promise, resolve } = Promise.withResolvers<PollAnswer>();
  watching.answers.push(promise);
  await watching.turn();
  watching.due.push(poll(1, { token: 99, generation: 2 }));
  await watching.turn();
  watching.answers.push({ kind: "not_yet", seen: "by the new wait" });
  resolve({ kind: "done" });
  await watching.turn();
  expect(watching.reported).toMatchObject([
    { generation: 2, token: 99, result: { kind: "not_yet", seen: "by the new wait" } },
  ]);
});

test("B30: an outage of the store loses no answer, and one that the store refuses alone fails its sensor alone", async () => {
  const watching = setup([poll(1), poll(2)]);
  watching.answers.push({ kind: "not_yet" }, { kind: "not_yet" });
  watching.onReport = () => {
    throw new BatutaError("store_unreachable", "gone");
  };
  await expect(watching.turn()).rejects.toThrow("gone");
  watching.onReport = (reports) => {
    if (reports.some(({ taskRunKey, result }) => taskRunKey === 2 && result.kind === "not_yet")) throw new Error("NUL");
  };
  await watching.turn();
  expect(watching.reported).toMatchObject([
    { taskRunKey: 1, result: { kind: "not_yet" } },
    { taskRunKey: 2, result: { kind: "failed", failure: { reason: "invalid_output" } } },
  ]);
});

test("WT-1: what is cut off because the engine stops counts as no error, and nothing more is taken", async () => {
  const watching = setup([poll(1)]);
  const { promise, resolve } = Promise.withResolvers<PollAnswer>();
  watching.answers.push(promise);
  await watching.turn();
  watching.watcher.drain();
  resolve({ kind: "error", failure: { reason: "cancelled", message: "The executor was closed." } });
  watching.due.push(poll(2));
  await watching.turn();
  expect([watching.reported, watching.due.length]).toEqual([[], 1]);
});

test("WT-1: the store's clock answers what waits for a moment, with one poll to know it and one when it has come", async () => {
  const watching = setup([poll(1)], { kind: "until", by: "store", config: { at: "1970-01-01T00:00:09Z" } });
  await watching.turn();
  watching.now = 9_000;
  watching.due.push(poll(1, { token: 12 }));
  await watching.turn();
  expect(watching.asked).toEqual([]);
  expect(watching.reported).toMatchObject([
    { result: { kind: "not_yet", waitMs: 4_000, seen: "it will be 1970-01-01T00:00:09.000Z" } },
    { result: { kind: "success", output: { json: '"1970-01-01T00:00:09.000Z"' } } },
  ]);
});

test("WT-1: another pipeline's interval is asked of the store, moved as the sensor says", async () => {
  const config = { pipeline: "sales", offsetMs: -1_000 };
  const watching = setup([poll(1)], { kind: "pipeline-done", by: "store", config });
  await watching.turn();
  expect(watching.looked).toEqual([
    { name: { project: "shop", pipeline: "sales" }, interval: { start: -1_000, end: 0 } },
  ]);
  expect(watching.reported).toMatchObject([
    { result: { kind: "not_yet", seen: expect.stringMatching(/^sales: no run yet for /) } },
  ]);
});

test("WT-3: an event is asked of the store, for the task run that waits for it", async () => {
  const where = [{ path: "day", is: "eq", value: "{{ ds }}" }];
  const watching = setup([poll(1)], { kind: "event", by: "store", config: { name: "orders", key: "{{ ds }}", where } });
  await watching.turn();
  expect(watching.looked).toEqual([
    {
      ...{ project: "shop", name: "orders", run: "run", taskRunKey: 1, generation: 1 },
      task: { pipeline: "daily", name: expect.any(String) },
      filter: { key: "2026-01-02", where: [{ path: "day", is: "eq", value: "2026-01-02" }] },
    },
  ]);
  expect(watching.reported).toMatchObject([{ result: { kind: "not_yet", seen: "none that is not taken" } }]);
});

function setup(due: Poll[], sensor: Partial<SensorSpec> = {}) {
  const state = {
    due,
    now: 5_000,
    answers: [] as (PollAnswer | Promise<PollAnswer>)[],
    asked: [] as PollOrder[],
    looked: [] as unknown[],
    reported: [] as PollReport[],
    ended: 0,
    onReport: (_reports: readonly PollReport[]): void => {},
  };
  const execution = { via: "sensor", sensor: { ...SENSOR, ...sensor } } as const;
  const store = {
    expireWatches: async () => ({ expired: 0 }),
    claimPolls: async () => ({ now: state.now, polls: state.due.splice(0), nextInMs: 1_000 }),
    reportPolls: async (reports: readonly PollReport[]): Promise<PollReports> => {
      state.onReport(reports);
      state.reported.push(...reports);
      return { reports: reports.map(() => "accepted"), finishedRuns: [], stopsRequested: false };
    },
    takeEvent: async (wanted: unknown) => {
      state.looked.push(wanted);
      return undefined;
    },
    runsMeeting: async (name: unknown, interval: unknown) => {
      state.looked.push({ name, interval });
      return [];
    },
  };
  const orders = new PollOrders({
    ofRun: async (_run, claims) => claims.map((claim) => orderOf(claim.taskRunKey, plainTask("wait", { execution }))),
  });
  const executor = {
    poll: async (order: PollOrder): Promise<PollAnswer> => {
      state.asked.push(order);
      return (await state.answers.shift()) ?? { kind: "not_yet" };
    },
  };
  const scope = { session: "s", project: "shop", work: new ClaimedWork(["default"], null), pollMs: 250 };
  const watcher = new Watcher({ store, executor, orders, own: new StoreSensors(store) }, scope);
  watcher.onEnded = () => {
    state.ended += 1;
  };
  // A second turn reports what the first has asked for.
  const turn = async (): Promise<void> => {
    await watcher.poll();
    await new Promise<void>((resolve) => systemClock.soon(resolve));
    await watcher.poll();
  };
  return Object.assign(state, { watcher, turn });
}

function poll(taskRunKey: number, more: Partial<Poll> = {}): Poll {
  const plain = { runId: "run", taskIndex: 0, mapKey: "", generation: 1, token: 10 + taskRunKey };
  return { taskRunKey, ...plain, polls: 0, errors: 0, deadline: 3_605_000, ...more };
}

function orderOf(taskRunKey: number, task: AttemptOrder["task"]): AttemptOrder {
  return {
    ...{ runId: "run", taskRunKey, generation: 1, attempt: 0, token: 0, project: "shop", pipeline: "daily" },
    ...{ versionHash: "v", graphHash: "g", pipelineFile: "p.ts", task, mapKey: "", trigger: "manual" },
    ...{ interval: { start: 0, end: 1_000 }, timezone: "UTC", ds: "2026-01-02", params: {}, input: {} },
    ...{ idempotencyKey: "k", askFirst: false },
  };
}
