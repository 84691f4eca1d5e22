import { expect, test } from "vitest";
import type { Claim, RunId } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** What slots become of while a task run waits within its attempt. */
export function testDeferredSlots(subject: Subject): void {
  test("CC-1: a pool that counts what is deferred keeps its slots until the wait ends; other limits have theirs back", async () => {
    await using scenario = await begin(subject, { warehouse: { slots: 3, countDeferred: true }, db: 2 });
    const pools = [
      { name: "db", slots: 2 },
      { name: "warehouse", slots: 2 },
    ];
    const call = { pools, concurrency: 1 };
    const run = await scenario.start({ call, more: { pools: [{ name: "warehouse", slots: 2 }] } });
    const since = scenario.clock.wall();
    const child = await deferOnChild(scenario, await scenario.claim(1));
    expect(await used(scenario)).toEqual({ "pool:db": 0, "pool:warehouse": 2, "task:daily/call": 0 });
    expect(scenario.names(await scenario.claim(9, { runs: [run] }))).toEqual([]);
    expect(await scenario.store.scopeHolders("shop", ["pool:warehouse"])).toEqual([
      {
        scope: "pool:warehouse",
        runId: run,
        pipeline: "daily",
        task: "call",
        mapKey: "",
        weight: 2,
        since,
        isDeferred: true,
      },
    ]);
    const waiting = (await scenario.store.lanes()).find(({ holds }) => holds.length > 0);
    expect(waiting?.holds).toEqual([{ kind: "slots", scope: "pool:warehouse", slots: 3, used: 2, weight: 2 }]);
    await scenario.check();
    await scenario.end(await scenario.claim(9, { runs: [child] }), SUCCESS);
    await scenario.store.settleChildren();
    expect(await used(scenario)).toMatchObject({ "pool:warehouse": 0 });
    expect(scenario.names(await scenario.claim(9, { runs: [run] }))).toEqual(["more"]);
  });

  test("CC-4: unless its pool says so a deferred task run holds no slot, nor does one that is tried again", async () => {
    await using scenario = await begin(subject, { db: 1, warehouse: { slots: 1, countDeferred: true } });
    const run = await scenario.start({ a: pool("db"), b: pool("warehouse") });
    const claims = await scenario.claim();
    await deferOnChild(
      scenario,
      claims.filter((claim) => scenario.nameOf(claim) === "a"),
    );
    await scenario.end(
      claims.filter((claim) => scenario.nameOf(claim) === "b"),
      retrying(60_000),
    );
    expect(await scenario.states(run)).toEqual({ a: "deferred", b: "retrying" });
    expect(await used(scenario)).toEqual({ "pool:db": 0, "pool:warehouse": 0 });
  });

  test.each(["cancel", "mark", "time-out"] as const)(
    "CC-1: slots that are kept are given back however the wait ends: by a %s",
    async (how) => {
      await using scenario = await begin(subject, { warehouse: { slots: 1, countDeferred: true } });
      const run = await scenario.start({
        call: { ...pool("warehouse"), totalTimeoutMs: 60_000 },
        next: pool("warehouse"),
      });
      await deferOnChild(scenario, await scenario.claim(1));
      const tasks = [{ name: "call" }];
      if (how === "cancel") await scenario.store.stop({ run, how: "cancel", tasks, actor: "anna" });
      if (how === "mark") await scenario.store.mark({ run, as: "success", tasks, actor: "anna" });
      scenario.clock.advance(60_000);
      await scenario.store.fireTimers();
      expect(await used(scenario)).toEqual({ "pool:warehouse": 0 });
      expect(scenario.names(await scenario.claim(9, { runs: [run] }))).toEqual(["next"]);
    },
  );

  test("CC-5: what a later version says of a pool holds for what is deferred from then on", async () => {
    await using scenario = await begin(subject, { warehouse: 1 });
    const first = await scenario.start({ call: pool("warehouse") });
    await deferOnChild(scenario, await scenario.claim(1, { runs: [first] }));
    scenario.limits = { pools: { warehouse: { slots: 1, countDeferred: true } } };
    const second = await scenario.start({ call: pool("warehouse") });
    expect(await used(scenario)).toEqual({ "pool:warehouse": 0 });
    await scenario.store.stop({ run: first, how: "kill", actor: "anna" });
    await deferOnChild(scenario, await scenario.claim(1, { runs: [second] }));
    expect(await used(scenario)).toEqual({ "pool:warehouse": 1 });
    expect(await scenario.store.scopes("shop", "pool:")).toMatchObject([{ countDeferred: true }]);
    await scenario.store.setScopeLimit({ project: "shop", name: "pool:warehouse", slots: 2, actor: "anna" });
    expect(await scenario.store.scopes("shop", "pool:")).toMatchObject([{ countDeferred: true, slots: 2 }]);
  });

  test("CC-6: a task run that waits for the past before it begins keeps nothing, also when it has been tried before", async () => {
    await using scenario = await begin(subject, { warehouse: { slots: 1, countDeferred: true } });
    const tasks: PipelineSketch = { up: {}, load: { after: ["up"], dependsOnPast: true, ...pool("warehouse") } };
    const run = await scenario.start(tasks);
    const { store } = scenario;
    await scenario.end(await scenario.claim(), SUCCESS);
    await store.releasePast();
    await scenario.end(await scenario.claim(), retrying(60_000));
    await store.clear({ run, tasks: [{ name: "up" }], actor: "anna" });
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.taskRun(run, "load")).toMatchObject({ state: "deferred", attempt: 1 });
    expect(await used(scenario)).toEqual({ "pool:warehouse": 0 });
    expect(await store.releasePast()).toMatchObject({ opened: 1 });
    await scenario.end(await scenario.claim(), FAILED);
    expect((await store.attempts(run, 1)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, "failed"],
      [2, "failed"],
    ]);
  });
}

async function begin(subject: Subject, pools: NonNullable<Scenario["limits"]["pools"]>): Promise<Scenario> {
  const scenario = await Scenario.begin(subject);
  scenario.limits = { pools };
  return scenario;
}

function pool(name: string) {
  return { pools: [{ name, slots: 1 }] };
}

/** Lets these wait for a run of another pipeline; gives it. */
async function deferOnChild(scenario: Scenario, claims: readonly Claim[]): Promise<RunId> {
  const child = await scenario.plan({ rows: {} }, { pipeline: "load" });
  const result = { kind: "deferred", reason: `child: ${child.id}` } as const;
  const { session, store } = scenario;
  const completions = claims.map(({ taskRunKey, token }) => ({ taskRunKey, token, session, result, child }));
  await store.completeAndClaim(completions, undefined);
  return child.id;
}

async function used({ store }: Scenario): Promise<Readonly<Record<string, number>>> {
  const scopes = [...(await store.scopes("shop", "pool:")), ...(await store.scopes("shop", "task:"))];
  return Object.fromEntries(scopes.map(({ name, used }) => [name, used]));
}
