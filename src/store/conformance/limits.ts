import { expect, test } from "vitest";
import type { Claim } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** What limits task runs, beside the number of slots of whoever claims. */
export function testLimits(subject: Subject): void {
  test("CC-1, I24: a pool is shared by tasks of all pipelines", async () => {
    await using scenario = await begin(subject);
    await scenario.start({ a: pool("db"), b: pool("db") }, { pipeline: "one" });
    await scenario.start({ c: pool("db") }, { pipeline: "two" });
    await scenario.start({ free: {} }, { pipeline: "three" });
    const claims = await scenario.claim();
    expect([...scenario.names(claims)].sort()).toEqual(["a", "c", "free"]);
    const next = await scenario.exchange([[only(claims, scenario, "a"), SUCCESS]], {});
    expect(scenario.names(next.claims)).toEqual(["b"]);
    expect(await scenario.store.scopes("shop", "pool:")).toMatchObject([{ name: "pool:db", used: 2, slots: 2 }]);
  });

  test("CC-1, CC-2: a task may take several slots of several pools, and small ones do not starve it", async () => {
    await using scenario = await begin(subject, { db: 2, api: 1 });
    const small: PipelineSketch = { s1: pool("db"), s2: pool("db"), s3: pool("db"), s4: pool("db") };
    await scenario.start(small, { pipeline: "small" });
    const running = await scenario.claim();
    expect(running).toHaveLength(2);
    const large = {
      large: {
        pools: [
          { name: "api", slots: 1 },
          { name: "db", slots: 2 },
        ],
      },
    };
    await scenario.start(large, { pipeline: "large" });
    const [one, two] = running;
    if (one === undefined || two === undefined) throw new Error("Nothing claimed");
    const { claims } = await scenario.exchange([[one, SUCCESS]], {});
    expect(scenario.names(claims)).toEqual(["s3"]);
    // From now on a slot that becomes free is kept for the task that needs both.
    expect(await claimsAfter(scenario, two)).toEqual([]);
    expect(await claimsAfter(scenario, first(claims))).toEqual(["large"]);
  });

  test("CC-1: tasks per pipeline, per run and per tag", async () => {
    await using scenario = await begin(subject);
    await scenario.startMany([wide(4), wide(4)], { spec: { concurrency: 3, runConcurrency: 2 } });
    const byRun = Map.groupBy(await scenario.claim(), ({ runId }) => runId);
    expect([...byRun.values()].map((claims) => claims.length).sort()).toEqual([1, 2]);
    scenario.limits = { tagLimits: { heavy: 1 } };
    await scenario.start({ x: { tags: ["heavy"] }, y: { tags: ["light", "heavy"] }, z: {} }, { pipeline: "other" });
    const names = scenario.names(await scenario.claim());
    expect(names).toHaveLength(2);
    expect(names).toContain("z");
  });

  test("CC-1: a map and a group hold back their own within each run", async () => {
    await using scenario = await begin(subject);
    const location = { file: "pipeline.ts", line: 1 };
    const spec = { groups: [{ name: "load", location, concurrency: 1 }] };
    const grouped: PipelineSketch = { a: { group: 0 }, b: { group: 0 } };
    await scenario.startMany([grouped, grouped], { spec });
    expect(await scenario.claim()).toHaveLength(2);
    await scenario.start({ mapped: { over: ["a", "b"], map: { maxParallel: 1 } } });
    const lanes = await scenario.store.lanes();
    expect(lanes.flatMap(({ key }) => key.scopes.map(({ name }) => name.replace(/run-\d+/, "run")))).toEqual(
      expect.arrayContaining(["group:run/load", "map:run/mapped"]),
    );
  });

  test("CC-1: a key keeps the runs of each value apart", async () => {
    await using scenario = await begin(subject);
    const keyed: PipelineSketch = { load: { keyed: { key: "params.customer", limit: 1, overflow: "queue" } } };
    for (const customer of ["acme", "acme", "bolt", null]) await scenario.start(keyed, { params: { customer } });
    await scenario.start(keyed, { params: {} });
    expect(await scenario.claim()).toHaveLength(3);
    const names = (await scenario.store.scopes("shop", "key:")).map(({ name }) => name);
    expect(names).toEqual(['key:daily/load:"acme"', 'key:daily/load:"bolt"', "key:daily/load:null"]);
  });

  test("CC-1: a task run that finds its key taken is skipped where its task says so, and what follows is decided", async () => {
    await using scenario = await begin(subject);
    const keyed: PipelineSketch = {
      sync: { keyed: { key: "params.customer", limit: 1, overflow: "skip" } },
      report: { after: ["sync"], when: "none_failed" },
    };
    const first = await scenario.start(keyed, { params: { customer: "acme" } });
    const taken = await scenario.start(keyed, { params: { customer: "acme" } });
    const free = await scenario.start(keyed, { params: { customer: "bolt" } });
    // Nobody holds the key yet, and there is no slot: whoever waits for a slot is not skipped.
    expect(await scenario.store.settleOverflows()).toEqual({ skipped: 0, stopped: 0 });
    const { claims, keysTaken } = await scenario.exchange([], {});
    expect(claims.map(({ runId }) => runId).sort()).toEqual([first, free].sort());
    expect(keysTaken).toBe(true);
    expect(await scenario.store.settleOverflows()).toEqual({ skipped: 1, stopped: 0 });
    expect(await scenario.states(taken)).toEqual({ sync: "skipped", report: "queued" });
    expect(await scenario.taskRun(taken, "sync")).toMatchObject({ reason: "key_taken" });
    const later = await scenario.exchange([], {});
    expect(later.keysTaken).toBeUndefined();
    await scenario.end([...claims, ...later.claims], SUCCESS);
    await scenario.runOut();
    expect(await scenario.runState(taken)).toBe("success");
  });

  test("CC-1: a newer task run has the oldest with its key stopped for it, once, where its task says so", async () => {
    await using scenario = await begin(subject);
    const keyed: PipelineSketch = { sync: { keyed: { key: "params.customer", limit: 2, overflow: "cancel_oldest" } } };
    const params = { customer: "acme" };
    const oldest = await scenario.start(keyed, { params });
    const [old] = await scenario.claim();
    scenario.clock.advance(1_000);
    const second = await scenario.start(keyed, { params });
    await scenario.claim();
    scenario.clock.advance(1_000);
    const newest = await scenario.start(keyed, { params });
    expect(await scenario.exchange([], {})).toMatchObject({ claims: [], keysTaken: true });
    expect(await scenario.store.settleOverflows()).toEqual({ skipped: 0, stopped: 1 });
    expect(await scenario.store.settleOverflows()).toEqual({ skipped: 0, stopped: 0 });
    const stops = (await scenario.store.leasesOf(scenario.session)).filter(({ stop }) => stop !== undefined);
    expect(stops).toMatchObject([{ taskRunKey: old?.taskRunKey, stop: { kind: "cancel" } }]);
    if (old === undefined) throw new Error("Nothing claimed");
    // Its slot is free when its process has ended, not before.
    const { claims } = await scenario.exchange([[old, CANCELLED]], {});
    expect(claims.map(({ runId }) => runId)).toEqual([newest]);
    expect(await scenario.runState(oldest)).toBe("failed");
    expect(await scenario.runState(second)).toBe("running");
  });

  test("CC-1: a rate counts starts within its window, whatever became of them", async () => {
    await using scenario = await begin(subject);
    const limited = { rateLimit: { limit: 2, perMs: 60_000 } };
    await scenario.startMany([{ call: limited }, { call: limited }, { call: limited }, { call: limited }]);
    const begun = await scenario.exchange([], { slots: 1 });
    scenario.clock.advance(20_000);
    const second = await scenario.exchange(
      begun.claims.map((claim) => [claim, SUCCESS]),
      {},
    );
    expect(second.claims).toHaveLength(1);
    expect(second.nextClaimInMs).toBe(40_000);
    scenario.clock.advance(39_999);
    expect(await scenario.claim()).toEqual([]);
    scenario.clock.advance(1);
    expect(await scenario.claim()).toHaveLength(1);
    const [row] = await scenario.opened.rows("select count(*) as starts from rate_start");
    expect(Number(row?.starts)).toBe(2);
  });

  test("CC-3: tasks of a run go by the longest way left, as the last runs have recorded it", async () => {
    await using scenario = await begin(subject);
    const path = { priorityBy: "critical_path" } as const;
    const tasks: PipelineSketch = { quick: path, slow: path, after: { after: ["quick"], ...path } };
    await scenario.start(tasks);
    const order: string[] = [];
    for (let claims = await scenario.claim(1); claims.length > 0; claims = await scenario.claim(1)) {
      order.push(...scenario.names(claims));
      scenario.clock.advance(scenario.names(claims)[0] === "slow" ? 3_600_000 : 1_000);
      await scenario.end(claims, SUCCESS);
    }
    // Nothing is recorded yet, so two tasks in a row are longer than one.
    expect(order[0]).toBe("quick");
    await scenario.start(tasks);
    expect(scenario.names(await scenario.claim(1))).toEqual(["slow"]);
    const lanes = await scenario.opened.rows("select priority from lane order by priority");
    expect(lanes.every(({ priority }) => Number(priority) >= 0 && Number(priority) < 1)).toBe(true);
  });

  test("CC-4: whatever does not run holds no slot", async () => {
    await using scenario = await begin(subject, { db: 1 });
    await scenario.start({ a: pool("db"), b: pool("db"), c: pool("db") });
    for (const result of [retrying(1_000), LOST, FAILED]) {
      const [claim] = await scenario.claim();
      if (claim === undefined) throw new Error("Nothing claimed");
      expect(await scenario.claim()).toEqual([]);
      await scenario.end([claim], result);
      expect(await scenario.store.scopes("shop", "pool:")).toMatchObject([{ used: 0 }]);
    }
  });

  test("CC-4: a pool that has shrunk below what a task needs is a reason that can be read", async () => {
    await using scenario = await begin(subject, { db: 4 });
    await scenario.start({ large: { pools: [{ name: "db", slots: 3 }] } });
    expect(await limit(scenario, "pool:db", 2)).toBe(true);
    expect(await scenario.claim()).toEqual([]);
    expect(await scenario.store.lanes()).toMatchObject([
      { holds: [{ kind: "slots", scope: "pool:db", slots: 2, used: 0, weight: 3 }] },
    ]);
  });

  test("CC-5: a lower limit stops nothing, a higher one lets more start, 0 closes, and each is audited", async () => {
    await using scenario = await begin(subject, { db: 2 });
    await scenario.startMany(Array.from({ length: 6 }, () => ({ a: pool("db") })));
    const running = await scenario.claim();
    expect(running).toHaveLength(2);
    expect(await limit(scenario, "pool:db", 1)).toBe(true);
    expect(await scenario.exchange([[first(running), SUCCESS]], {})).toMatchObject({ claims: [] });
    expect(await limit(scenario, "pool:db", 3)).toBe(true);
    expect(await scenario.claim()).toHaveLength(2);
    expect(await limit(scenario, "pool:db", 0)).toBe(true);
    expect(await scenario.claim()).toEqual([]);
    expect(await scenario.store.lanes()).toMatchObject([{ holds: [{ kind: "slots", slots: 0, used: 3 }] }]);
    expect(await scenario.store.scopes("shop", "pool:")).toMatchObject([{ declared: 2, override: 0, slots: 0 }]);
    expect(await limit(scenario, "pool:db", null)).toBe(true);
    expect(await limit(scenario, "pool:nowhere", 1)).toBe(false);
    const audits = await scenario.opened.rows("select actor, action, details from audit order by key");
    expect(audits).toHaveLength(4);
    expect(audits[3]).toEqual({ actor: "anna", action: "set_limit", details: '{"scope":"pool:db","slots":null}' });
  });

  test("CC-5: a version that says another limit changes it for all, but not what an operator has set", async () => {
    await using scenario = await begin(subject, { db: 1 });
    await scenario.startMany([{ a: pool("db") }, { a: pool("db") }]);
    expect(await scenario.claim()).toHaveLength(1);
    scenario.limits = { pools: { db: 2 } };
    await scenario.plan({ another: {} });
    expect(await scenario.claim()).toHaveLength(1);
    await limit(scenario, "pool:db", 5);
    scenario.limits = { pools: { db: 1 } };
    await scenario.startMany([{ a: pool("db") }, { a: pool("db") }]);
    expect(await scenario.claim()).toHaveLength(2);
  });

  test("nothing of a paused pipeline starts, what runs goes on, and both acts are audited", async () => {
    await using scenario = await begin(subject);
    await scenario.start({ a: {}, b: { after: ["a"] } });
    const claims = await scenario.claim();
    const pause = { project: "shop", pipeline: "daily", actor: "anna" };
    expect(await scenario.store.pausePipeline({ ...pause, reason: "maintenance" })).toBe(true);
    expect(await scenario.store.pausePipeline(pause)).toBe(false);
    expect(await scenario.exchange([[first(claims), SUCCESS]], {})).toMatchObject({ claims: [] });
    expect(await scenario.store.lanes()).toMatchObject([{ waiting: 1, holds: [{ kind: "paused" }] }]);
    expect(await scenario.store.pausedPipelines("shop")).toEqual([
      {
        project: "shop",
        pipeline: "daily",
        pausedAt: scenario.clock.wall(),
        pausedBy: "anna",
        reason: "maintenance",
      },
    ]);
    await scenario.start({ c: {} }, { pipeline: "other" });
    expect(scenario.names(await scenario.claim())).toEqual(["c"]);
    expect(await scenario.store.resumePipeline(pause)).toBe(true);
    expect(await scenario.store.resumePipeline(pause)).toBe(false);
    expect(scenario.names(await scenario.claim())).toEqual(["b"]);
    const audits = await scenario.opened.rows("select action, details from audit order by key");
    expect(audits.map(({ action }) => action)).toEqual(["pause", "resume"]);
    expect(audits[0]?.details).toBe('{"pipeline":"daily","reason":"maintenance"}');
  });

  test("those who hold slots are named with their task and since when, the longest first", async () => {
    await using scenario = await begin(subject, { db: 2 });
    const run = await scenario.start({ a: pool("db"), b: pool("db") });
    const since = scenario.clock.wall();
    await scenario.claim(1);
    scenario.clock.advance(5_000);
    await scenario.claim(1);
    const held = { scope: "pool:db", runId: run, pipeline: "daily", mapKey: "", weight: 1, isDeferred: false };
    expect(await scenario.store.scopeHolders("shop", ["pool:db", "pool:none"])).toEqual([
      { ...held, task: "a", since },
      { ...held, task: "b", since: since + 5_000 },
    ]);
  });
}

async function begin(subject: Subject, pools: Readonly<Record<string, number>> = { db: 2 }): Promise<Scenario> {
  const scenario = await Scenario.begin(subject);
  scenario.limits = { pools };
  return scenario;
}

function pool(name: string) {
  return { pools: [{ name, slots: 1 }] };
}

function wide(count: number): PipelineSketch {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, {}]));
}

function limit(scenario: Scenario, name: string, slots: number | null): Promise<boolean> {
  return scenario.store.setScopeLimit({ project: "shop", name, slots, actor: "anna" });
}

async function claimsAfter(scenario: Scenario, claim: Claim): Promise<readonly string[]> {
  return scenario.names((await scenario.exchange([[claim, SUCCESS]], {})).claims);
}

function first(claims: readonly Claim[]): Claim {
  const [claim] = claims;
  if (claim === undefined) throw new Error("Nothing was claimed");
  return claim;
}

function only(claims: readonly Claim[], scenario: Scenario, name: string): Claim {
  return first(claims.filter((claim) => scenario.nameOf(claim) === name));
}
