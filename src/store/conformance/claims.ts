import { expect, test } from "vitest";
import { chain, type PipelineSketch } from "./pipelines.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testClaims(subject: Subject): void {
  test("a claim takes no more than its slots, oldest first", async () => {
    await using scenario = await Scenario.begin(subject);
    const old = await scenario.start(wide(3));
    scenario.clock.advance(1_000);
    const young = await scenario.start(wide(3));
    const claims = await scenario.claim(4);
    expect(claims.map(({ runId, taskIndex }) => [runId, taskIndex])).toEqual([
      [old, 0],
      [old, 1],
      [old, 2],
      [young, 0],
    ]);
    expect(await scenario.claim(0)).toEqual([]);
    expect(await scenario.claim()).toHaveLength(2);
    expect(await scenario.claim()).toEqual([]);
  });

  test("what a session has claimed and not ended can be asked for again, in the same words (B21)", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(wide(3));
    const claims = await scenario.claim(2);
    expect(await scenario.store.claimsOf(scenario.session)).toEqual(claims);
    await scenario.end(claims.slice(0, 1), SUCCESS);
    expect(await scenario.store.claimsOf(scenario.session)).toEqual(claims.slice(1));
    expect(await scenario.store.claimsOf("another")).toEqual([]);
  });

  test("a claim serves its queues alone", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: {}, b: { queue: "gpu" }, c: { queue: "gpu" } });
    expect(scenario.names(await scenario.claim(10, { queues: ["other"] }))).toEqual([]);
    expect(scenario.names(await scenario.claim(10, { queues: ["gpu", "other"] }))).toEqual(["b", "c"]);
    expect(scenario.names(await scenario.claim(10, { queues: [] }))).toEqual([]);
    expect(scenario.names(await scenario.claim(10))).toEqual(["a"]);
  });

  test("a claim for some runs leaves the others waiting, however many stand before them", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(wide(50));
    scenario.clock.advance(1_000);
    const own = await scenario.start({ mine: {}, fast: { priority: 5 } });
    expect(scenario.names(await scenario.claim(10, { runs: [own] }))).toEqual(["fast", "mine"]);
    expect(await scenario.claim(10, { runs: [own] })).toEqual([]);
    expect(await scenario.claim(10, { runs: [] })).toEqual([]);
    expect(await scenario.claim(10, { runs: ["unknown"] })).toEqual([]);
  });

  test("a claim for several runs takes the oldest of them", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = await scenario.start({ a1: {} });
    const other = await scenario.start({ b1: {}, b2: {} });
    scenario.clock.advance(1_000);
    await scenario.end(await scenario.claim(1, { runs: [one] }), SUCCESS);
    const third = await scenario.start({ c1: {} });
    const claims = await scenario.claim(2, { runs: [third, other] });
    expect(scenario.names(claims)).toEqual(["b1", "b2"]);
  });

  test("a session claims only in its own project", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ ours: {} });
    await scenario.start({ theirs: {} }, { project: "factory" });
    expect(scenario.names(await scenario.claim())).toEqual(["ours"]);
    scenario.session = await scenario.openSession("session-2", "factory");
    expect(scenario.names(await scenario.claim())).toEqual(["theirs"]);
  });

  test("CC-2: higher priority starts first, whatever its age", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ low: { priority: -1 }, normal: {}, high: { priority: 10 } });
    const order: string[] = [];
    for (let index = 0; index < 3; index++) order.push(...scenario.names(await scenario.claim(1)));
    expect(order).toEqual(["high", "normal", "low"]);
  });

  test("CC-2: a pipeline with 10,000 waiting delays another by no more than a round", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(wide(10_000), { pipeline: "huge" });
    scenario.clock.advance(60_000);
    const small = await scenario.start(chain("s1", "s2", "s3"), { pipeline: "small" });
    const served: string[] = [];
    for (let round = 0; round < 3; round++) {
      const claims = await scenario.claim(2);
      served.push(...scenario.names(claims.filter(({ runId }) => runId === small)));
      await scenario.end(claims, SUCCESS);
    }
    expect(served).toEqual(["s1", "s2", "s3"]);
  });

  test("CC-2, B42: pipelines take turns whose lanes come and go with their runs", async () => {
    await using scenario = await Scenario.begin(subject);
    const ofRuns = { spec: { runConcurrency: 1 } };
    await scenario.start(wide(20), { pipeline: "steady" });
    for (let run = 0; run < 20; run++) await scenario.start({ many: {} }, { pipeline: "many", ...ofRuns });
    const served: string[] = [];
    for (let round = 0; round < 30; round++) {
      await scenario.start({ fresh: {} }, { pipeline: "ever new", ...ofRuns });
      served.push(...scenario.names(await scenario.claim(1)));
    }
    expect(served).toHaveLength(30);
    const turns = served.map((name) => (name === "many" || name === "fresh" ? name : "steady"));
    for (const name of ["steady", "many", "fresh"]) expect(turns.filter((turn) => turn === name)).toHaveLength(10);
  });

  test("CC-2: lanes of equal priority take turns, though the clock stands still", async () => {
    await using scenario = await Scenario.begin(subject);
    for (const pipeline of ["one", "two", "three"]) await scenario.start(wide(4), { pipeline });
    const turns: string[] = [];
    for (let turn = 0; turn < 9; turn++) turns.push(...(await scenario.claim(1)).map(({ runId }) => runId));
    for (let round = 0; round < 3; round++) {
      expect(new Set(turns.slice(round * 3, round * 3 + 3)).size).toBe(3);
    }
  });

  test("I24: a task's own limit holds over all runs", async () => {
    await using scenario = await Scenario.begin(subject);
    const limited: PipelineSketch = { one_at_a_time: { concurrency: 2 }, free: {} };
    for (let index = 0; index < 4; index++) await scenario.start(limited);
    const first = await scenario.claim();
    expect([...scenario.names(first)].sort()).toEqual([
      ...["free", "free", "free", "free", "one_at_a_time", "one_at_a_time"],
    ]);
    expect(await scenario.claim()).toEqual([]);
    const held = first.filter((claim) => scenario.nameOf(claim) === "one_at_a_time").slice(0, 1);
    const { claims } = await scenario.exchange(
      held.map((claim) => [claim, SUCCESS]),
      {},
    );
    expect(scenario.names(claims)).toEqual(["one_at_a_time"]);
    expect(await scenario.claim()).toEqual([]);
  });

  test("CC-5, I24: a limit counts what runs under the task's older limit and priority too", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.startMany([{ load: { concurrency: 3 } }, { load: { concurrency: 3 } }]);
    expect(await scenario.claim()).toHaveLength(2);
    // Deployed anew: lower, and with another priority. What runs goes on; nothing more starts.
    await scenario.startMany([{ load: { concurrency: 2, priority: 5 } }, { load: { concurrency: 2, priority: 5 } }]);
    expect(await scenario.claim()).toEqual([]);
    await scenario.startMany([{ load: { concurrency: 3, priority: 5 } }]);
    expect(await scenario.claim()).toHaveLength(1);
  });

  test("I25: slots in use are live leases: what ends in whatever way frees its slot", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(wide(2));
    await scenario.claim();
    expect(await scenario.store.lanes()).toEqual([]);
    await scenario.start(wide(3));
    expect(await scenario.store.lanes()).toMatchObject([{ waiting: 3, running: 2, key: { pipeline: "daily" } }]);
    await scenario.store.reapSessions([scenario.session]);
    expect(await scenario.store.lanes()).toMatchObject([{ waiting: 5, running: 0 }]);
  });

  test("lanes say what limits the task runs that wait", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: { queue: "gpu", priority: 3, concurrency: 2 }, b: {}, c: {} });
    const lanes = await scenario.store.lanes();
    const keys = lanes.map(({ key, waiting }) => ({ ...key, waiting }));
    const common = { project: "shop", pipeline: "daily" };
    expect(keys.sort((one, other) => one.waiting - other.waiting)).toEqual([
      { ...common, queue: "gpu", priority: 3, scopes: [{ name: "task:daily/a", weight: 1 }], waiting: 1 },
      { ...common, queue: "default", priority: 0, scopes: [], waiting: 2 },
    ]);
  });

  test("completions and claims of one call are one transaction: the freed slot is claimed at once", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: { concurrency: 1 } });
    await scenario.start({ a: { concurrency: 1 } });
    const claims = await scenario.claim();
    expect(claims).toHaveLength(1);
    const next = await scenario.exchange(
      claims.map((claim) => [claim, SUCCESS]),
      {},
    );
    expect(next.claims).toHaveLength(1);
    expect(next.gateMissed).toBe(false);
  });
}

function wide(count: number): PipelineSketch {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, {}]));
}
