import { expect, test } from "vitest";
import type { Json } from "../core/json.ts";
import type { PipelineSpec, TaskSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import { BatutaError } from "../core/problem.ts";
import type { RunState } from "../core/state.ts";
import type { AttemptOrder } from "../execution/executor.ts";
import { seededRandom } from "../ports/random.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { Completion, NewSession, RunId, Store } from "../store/store.ts";
import { drive } from "../testing/drive.ts";
import { InProcessExecutor } from "../testing/in-process-executor.ts";
import { type AttemptScript, fails, hangs, returns } from "../testing/stub.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Engine } from "./engine.ts";
import { newRun } from "./new-run.ts";
import { findOrphan } from "./orphans.ts";
import type { OwnerProcesses } from "./owner-processes.ts";
import { serviceConformance } from "./service-conformance.ts";

serviceConformance("the engine", async () => (await setup([task("a")])).engine);

test("tasks run in the order of the graph, and values reach their dependants", async () => {
  const { orders, runToEnd } = await setup(
    [
      task("extract"),
      task("double", { upstream: [0], input: { rows: 0 } }),
      task("load", { upstream: [1], input: { rows: 1 } }),
    ],
    { extract: returns([1, 2]), double: returns([2, 4]), load: returns("ok") },
  );
  expect(await runToEnd()).toBe("success");
  expect(orders.map((order) => order.task.name)).toEqual(["extract", "double", "load"]);
  expect(orders[2]?.input).toEqual({ rows: { state: "success", value: { kind: "inline", json: "[2,4]" } } });
});

test("a retry starts not before its back-off is over, and hours of it take no real time (RT-1, I31)", async () => {
  const retries: TaskSpec["retries"] = {
    limit: 4,
    delay: { kind: "exponential", firstMs: 3_600_000, factor: 2 },
    jitter: 0,
  };
  const { store, runId, runToEnd } = await setup([task("flaky", { retries })], {
    flaky: fails("down").times(4).followedBy(returns(1)),
  });
  expect(await runToEnd()).toBe("success");
  const attempts = await store.attempts(runId());
  const waits = attempts.slice(1).map((attempt, index) => attempt.startedAt - (attempts[index]?.finishedAt ?? 0));
  expect(waits).toEqual([1, 2, 4, 8].map((hours) => hours * 3_600_000));
});

test("the last failure is final: dependants are decided at once and the run fails (ST-4, RS-1)", async () => {
  const { states, runToEnd } = await setup(
    [task("a"), task("b", { upstream: [0] }), task("cleanup", { upstream: [1], when: "all_done" })],
    { a: fails("no"), cleanup: returns(1) },
  );
  expect(await runToEnd()).toBe("failed");
  expect(await states()).toEqual(["failed", "upstream_failed", "success"]);
});

test("a cancelled run stops what runs and starts nothing more (RS-7, I30)", async () => {
  const { clock, executor, engine, runId, states, start } = await setup([task("a"), task("b", { upstream: [0] })], {
    a: hangs(),
  });
  const ended = await start();
  await drive(clock, executor, () => clock.mono() > 1_000, 1_000);
  await engine.cancelRun(runId(), "somebody");
  await drive(clock, executor, () => ended.state !== undefined, 1_000);
  expect(ended.state).toBe("cancelled");
  expect(await states()).toEqual(["cancelled", "cancelled"]);
});

test("B02: what was taken away and is claimed anew runs, though its former attempt has not ended", async () => {
  const { clock, executor, engine, orders, store, runId, start } = await setup([task("a")], { a: hangs() });
  await start();
  await drive(clock, executor, () => orders.length === 1, 1_000);
  await store.mark({ run: runId(), tasks: [{ name: "a" }], as: "success", actor: "anna" });
  await store.clear({ run: runId(), tasks: [{ name: "a" }], actor: "anna" });
  engine.wake();
  await drive(clock, executor, () => orders.length === 2, 1_000);
  expect(orders.map(({ generation, token }) => [generation, token]).at(-1)).toEqual([2, 2]);
});

test("an engine that is stopped gives its attempts back, and the next one finishes the run (ST-5)", async () => {
  const first = await setup([task("a"), task("b", { upstream: [0] })], {
    a: hangs().followedBy(returns(1)),
    b: returns(2),
  });
  await first.start();
  await drive(first.clock, first.executor, () => first.orders.length === 1, 1_000);
  await first.engine.stop();
  const second = first.anotherEngine("second");
  const ended = second.engine.whenEnded(first.runId());
  let state: RunState | undefined;
  void ended.then((final) => {
    state = final;
  });
  await second.engine.start();
  await drive(first.clock, second.executor, () => state !== undefined, 1_000);
  expect(state).toBe("success");
  const outcomes = (await first.store.attempts(first.runId(), 0)).map((attempt) => attempt.outcome);
  expect(outcomes).toEqual(["lost", "success"]);
});

test("a session whose process is gone is recovered before the next engine claims anything", async () => {
  const first = await setup([task("a")], { a: hangs().followedBy(returns(1)) });
  await first.start();
  await drive(first.clock, first.executor, () => first.orders.length === 1, 1_000);
  const goneAndCleaned: string[] = [];
  const processes: OwnerProcesses = {
    stateOf: () => "gone",
    endLeftOvers: async ({ id }) => void goneAndCleaned.push(id),
  };
  const orphan = await findOrphan(first.store, processes, "nobody asked for this");
  expect(orphan).toBeUndefined();
  const run = await first.store.run(first.runId());
  expect((await findOrphan(first.store, processes, run?.requestKey ?? ""))?.id).toBe(first.runId());
  const second = first.anotherEngine("second", processes);
  let state: RunState | undefined;
  void second.engine.whenEnded(first.runId()).then((final) => {
    state = final;
  });
  await second.engine.start();
  expect(goneAndCleaned).toEqual(["first"]);
  await drive(first.clock, second.executor, () => state !== undefined, 1_000);
  expect(state).toBe("success");
});

test("a result that the store refuses fails its own task and no other (I42)", async () => {
  const { runToEnd, states } = await setup(
    [task("poison"), task("good"), task("after", { upstream: [1] })],
    {},
    (store) =>
      exchangingBy(store, async (completions, claim) => {
        if (completions.some(saysPoison)) throw new Error("invalid byte sequence");
        return store.completeAndClaim(completions, claim);
      }),
  );
  expect(await runToEnd()).toBe("failed");
  expect(await states()).toEqual(["failed", "success", "success"]);
});

test("an outage of the store loses no result: it is committed when the store is back (I34)", async () => {
  let outages = 3;
  const { runToEnd, orders } = await setup([task("a"), task("b", { upstream: [0] })], {}, (store) =>
    exchangingBy(store, async (completions, claim) => {
      if (completions.length > 0 && outages > 0) {
        outages -= 1;
        throw new BatutaError("store_unreachable", "gone for a moment");
      }
      return store.completeAndClaim(completions, claim);
    }),
  );
  expect(await runToEnd()).toBe("success");
  expect(orders.map((order) => order.task.name)).toEqual(["a", "b"]);
});

test("B06: an outage while an attempt's order is written does not fail the task", async () => {
  let outages = 2;
  const { runToEnd, states } = await setup([task("a"), task("b", { upstream: [0], input: { a: 0 } })], {}, (store) =>
    storeWith(store, {
      outputs: async (run, tasks) => {
        outages -= 1;
        if (outages >= 0) throw new BatutaError("store_unreachable", "gone for a moment");
        return store.outputs(run, tasks);
      },
    }),
  );
  expect(await runToEnd()).toBe("success");
  expect(await states()).toEqual(["success", "success"]);
});

test("I06: what was taken away while its order was held up is not begun any more", async () => {
  let outages = 8;
  const { runToEnd, states, orders } = await setup(
    [task("a"), task("b", { upstream: [0], input: { a: 0 } })],
    {},
    (store) =>
      storeWith(store, {
        outputs: async (run, tasks) => {
          outages -= 1;
          if (outages >= 0) throw new BatutaError("store_unreachable", "gone for a moment");
          await store.mark({ run, tasks: [{ name: "b" }], as: "success", actor: "anna" });
          return store.outputs(run, tasks);
        },
      }),
  );
  expect(await runToEnd()).toBe("success");
  expect(await states()).toEqual(["success", "success"]);
  expect(orders.map((order) => order.task.name)).toEqual(["a"]);
});

test("B21: what was claimed while the answer was lost is run all the same, once", async () => {
  let lost = 1;
  const { runToEnd, orders, store, runId } = await setup([task("a", { lostLimit: 0 })], {}, (store) =>
    exchangingBy(store, async (completions, claim) => {
      const result = await store.completeAndClaim(completions, claim);
      if (result.claims.length > 0 && lost-- > 0) throw new BatutaError("store_unreachable", "the answer was lost");
      return result;
    }),
  );
  expect(await runToEnd()).toBe("success");
  expect(orders).toHaveLength(1);
  expect(await store.attempts(runId())).toMatchObject([{ outcome: "success" }]);
});

test("I34: an outage while a refused result is sought fails no other task", async () => {
  let outages = 2;
  const { runToEnd, states } = await setup([task("poison"), task("good")], {}, (store) =>
    exchangingBy(store, async (completions, claim) => {
      if (completions.some(saysPoison)) throw new Error("invalid byte sequence");
      if (completions.length > 0 && outages-- > 0) throw new BatutaError("store_unreachable", "gone for a moment");
      return store.completeAndClaim(completions, claim);
    }),
  );
  expect(await runToEnd()).toBe("failed");
  expect(await states()).toEqual(["failed", "success"]);
});

test("an engine that is stopped while it starts leaves no session behind", async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { clock, executor, engine, store } = await setup([task("a")], {}, (inner) =>
    storeWith(inner, {
      openSession: async (session) => {
        await reached;
        return inner.openSession(session);
      },
    }),
  );
  let isOver = false;
  void Promise.all([engine.start(), engine.stop()]).then(() => {
    isOver = true;
  });
  clock.after(1_000, reach);
  await drive(clock, executor, () => isOver, 1_000);
  expect(await store.sessions()).toEqual([]);
});

test("whoever stops an engine that is being stopped waits until its session has ended", async () => {
  const { promise: closing, resolve: close } = Promise.withResolvers<void>();
  const { clock, executor, engine, start, store } = await setup([task("a")], {}, (inner) =>
    storeWith(inner, {
      closeSession: async (id) => {
        await closing;
        return inner.closeSession(id);
      },
    }),
  );
  await start();
  const sessions: number[] = [];
  void engine.stop();
  void engine.stop().then(async () => sessions.push((await store.sessions()).length));
  clock.after(1_000, close);
  await drive(clock, executor, () => sessions.length > 0, 2_000);
  expect(sessions).toEqual([0]);
});

test("of 500 tasks side by side none is lost and none runs twice, through 16 slots", async () => {
  const { orders, runToEnd } = await setup(Array.from({ length: 500 }, (_, index) => task(`t${index}`)));
  expect(await runToEnd()).toBe("success");
  expect(new Set(orders.map((order) => order.task.name)).size).toBe(500);
  expect(orders).toHaveLength(500);
});

async function setup(
  tasks: readonly TaskSpec[],
  scripts: Readonly<Record<string, AttemptScript>> = {},
  wrap: (store: Store) => Store = (store) => store,
) {
  const clock = new VirtualClock(Date.UTC(2024, 0, 2));
  const store = wrap(openSqliteStore({ path: ":memory:", clock }));
  await store.migrate();
  const pipeline: PipelineSpec = { name: "p", location: PLACE, tags: [], timezone: "UTC", tasks, graphHash: "hash" };
  await store.saveVersion({ hash: "v1", project: "test", manifest: { format: 1, pipelines: [pipeline] } });
  const orders: AttemptOrder[] = [];
  const anotherEngine = (id: string, processes: OwnerProcesses = ALL_ALIVE) => {
    const executor = new InProcessExecutor(clock, (order) => {
      orders.push(order);
      const script = scripts[order.task.name] ?? returns(order.task.name);
      return { kind: "scripted", attempt: script.attempt(order.attempt) };
    });
    return { executor, engine: new Engine({ store, executor, clock, processes, pollMs: DAY_MS }, session(id)) };
  };
  const { executor, engine } = anotherEngine("first");
  let created: RunId = "";
  const start = async () => {
    await engine.start();
    const request = {
      project: "test",
      pipeline,
      versionHash: "v1",
      trigger: "manual",
      params: {} as Json,
      actor: "test",
    } as const;
    const run = newRun(request, clock, seededRandom(1));
    created = run.id;
    await engine.createRuns([run]);
    const ended: { state: RunState | undefined } = { state: undefined };
    void engine.whenEnded(run.id).then((state) => {
      ended.state = state;
    });
    return ended;
  };
  const runToEnd = async () => {
    const ended = await start();
    await drive(clock, executor, () => ended.state !== undefined, 1_000);
    return ended.state;
  };
  const states = async () => (await store.taskRuns(created)).map((row) => row.state);
  return { clock, store, executor, engine, orders, start, runToEnd, states, anotherEngine, runId: () => created };
}

/** Nobody else touches the store, so nothing need be looked for: hints alone must do. */
const DAY_MS = 24 * 3_600_000;
const PLACE = { file: "pipelines/p.ts", line: 1 };
const ALL_ALIVE: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };

function session(id: string): NewSession {
  const process = { hostname: "here", hostId: "here", pid: 1, startTime: "1" };
  return { id, project: "test", role: "server", process, leaseMs: DAY_MS, runs: null };
}

type Exchange = Store["completeAndClaim"];

/** The same store with another `completeAndClaim`. */
function exchangingBy(store: Store, exchange: Exchange): Store {
  return storeWith(store, { completeAndClaim: exchange });
}

function storeWith(store: Store, others: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name: keyof Store) => others[name] ?? target[name].bind(target),
  });
}

function saysPoison({ result }: Completion): boolean {
  return result.kind === "success" && result.output?.kind === "inline" && result.output.json === '"poison"';
}

function task(name: string, options: Partial<TaskSpec> = {}): TaskSpec {
  return plainTask(name, { location: PLACE, graceMs: 1_000, ...options });
}
