import { expect, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import { BatutaError } from "../core/problem.ts";
import type { TriggerSpec } from "../core/trigger/trigger-spec.ts";
import type { AttemptOrder, RawParams } from "../execution/executor.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { drive } from "../testing/drive.ts";
import { InProcessExecutor } from "../testing/in-process-executor.ts";
import { returns } from "../testing/stub.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Engine } from "./engine.ts";
import type { OwnerProcesses } from "./owner-processes.ts";

const PLACE = { file: "pipelines/p.ts", line: 1 };
const NOW = Date.UTC(2026, 0, 2, 23, 30);

test("TI-2: an event starts a run with its parameters, on the span that it consumes, and its tasks see it", async () => {
  const { store, engine, emit, orders, runs, drives } = await setup(
    arrivals({ file: "{{ event.path }}", all: "{{ events }}" }),
  );
  await engine.start();
  await emit("1", { path: "in/a.csv" });
  await drives(() => orders.length === 1);
  const [run] = await runs();
  expect(run).toMatchObject({
    ...{ trigger: "sensor", actor: "trigger orders", interval: { start: NOW, end: NOW } },
    ...{ ds: "2026-01-03", timezone: "Europe/Zurich" },
    params: { file: "in/a.csv", all: [{ id: "1", path: "in/a.csv" }] },
  });
  expect(orders[0]?.events).toEqual([{ id: "1", name: "orders", at: NOW, payload: { path: "in/a.csv" } }]);
  await drives(() => orders.length === 1);
  expect(await store.triggers("test")).toMatchObject([{ pending: 0, lastRun: run?.id }]);
  await engine.stop();
});

test("data that does not fit makes no run and is shown at the trigger, and the events after it go on", async () => {
  const { store, engine, emit, orders, runs, drives } = await setup(arrivals({ file: "{{ event.path }}" }));
  await engine.start();
  await emit("1", { pth: "in/a.csv" });
  await emit("2", { path: "bad" });
  await emit("3", { path: "in/c.csv" });
  await drives(() => orders.length === 1);
  expect(await runs()).toMatchObject([{ params: { file: "in/c.csv" } }]);
  expect(await store.triggers("test")).toMatchObject([
    {
      pending: 0,
      fault: { message: "No such file: bad.", hint: "Send another.", times: 2 },
      refused: [{ id: "2" }, { id: "1", fault: expect.stringContaining("{{ event.path }} names nothing") }],
    },
  ]);
  await engine.stop();
});

test("what goes wrong outside the event is tried again, and the event is not lost", async () => {
  const { store, engine, emit, orders, drives, clock, parsing } = await setup(arrivals({ file: "{{ event.path }}" }));
  parsing.problem = new Error("The process vanished.");
  await engine.start();
  await emit("1", { path: "in/a.csv" });
  await drives(() => clock.wall() > NOW + 5_000);
  expect(await store.triggers("test")).toMatchObject([{ pending: 1, fault: { message: "The process vanished." } }]);
  parsing.problem = undefined;
  await drives(() => orders.length === 1);
  expect(clock.wall()).toBeGreaterThanOrEqual(NOW + 30_000);
  expect((await store.triggers("test"))[0]).not.toHaveProperty("fault");
  await engine.stop();
});

test("an engine of one run starts no others", async () => {
  const { engine, emit, runs, drives, clock } = await setup(arrivals({ file: "x" }), ["some-run"]);
  await engine.start();
  await emit("1", {});
  await drives(() => clock.wall() > NOW + 60_000);
  expect(await runs()).toEqual([]);
  await engine.stop();
});

function arrivals(params: TriggerSpec["params"]): TriggerSpec {
  const source = { kind: "event", event: "orders", filter: { where: [] } } as const;
  return { name: "orders", location: PLACE, source, params, hasTemplates: true };
}

async function setup(trigger: TriggerSpec, ofRuns: readonly string[] | null = null) {
  const clock = new VirtualClock(NOW);
  const store = openSqliteStore({ path: ":memory:", clock });
  await store.migrate();
  const pipeline: PipelineSpec = {
    ...{ name: "load", location: PLACE, tags: [], timezone: "Europe/Zurich", graphHash: "hash", triggers: [trigger] },
    tasks: [plainTask("a")],
  };
  await store.saveVersion({ hash: "v1", project: "test", manifest: { format: 1, pipelines: [pipeline] } });
  await store.deploy({ project: "test", versionHash: "v1", actor: "anna" });
  const orders: AttemptOrder[] = [];
  const parsing: { problem: Error | undefined } = { problem: undefined };
  const parse = (_: string, raw: RawParams) => {
    if (parsing.problem !== undefined) throw parsing.problem;
    if (raw.file === "bad") throw new BatutaError("invalid_params", "No such file: bad.", { hint: "Send another." });
    return JSON.parse(JSON.stringify(raw));
  };
  const executor = new InProcessExecutor(
    clock,
    (order) => {
      orders.push(order);
      return { kind: "scripted", attempt: returns(1).attempt(order.attempt) };
    },
    parse,
  );
  const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
  const process = { hostname: "here", hostId: "here", pid: 1, startTime: "1" };
  const session = { id: "s", project: "test", role: "server", process, leaseMs: 600_000, runs: ofRuns } as const;
  const engine = new Engine({ store, executor, clock, processes }, session);
  return {
    ...{ clock, store, engine, orders, parsing },
    emit: (id: string, payload: { readonly [name: string]: string }) =>
      store.emit([{ project: "test", name: "orders", id, payload, ttlMs: 1_000_000 }]),
    runs: () => store.runs({ project: "test", limit: 10 }),
    drives: (over: () => boolean) => drive(clock, executor, over, 1_000),
  };
}
