import { expect, test } from "vitest";
import type { Claim, Store } from "../store.ts";
import { chain, join } from "./pipelines.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/** Several connections to one database, as several processes have them. */
export function testConcurrency(subject: Subject): void {
  test("many connections migrate an empty database at the same time", async () => {
    await using scenario = await Scenario.begin(subject);
    const stores = await connections(scenario, 8);
    await Promise.all(stores.map((store) => store.migrate()));
    await scenario.runOut();
  });

  test("I01: connections that claim at the same time never get the same task run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(200, "all_success"));
    const workers = await Promise.all(
      (await connections(scenario, 4)).map((store, index) => worker(scenario, store, index)),
    );
    const claims = (await Promise.all(workers.map((work) => work(3)))).flat();
    expect(claims).toHaveLength(201);
    expect(new Set(claims.map(({ taskRunKey }) => taskRunKey)).size).toBe(201);
    expect(await scenario.runState(run)).toBe("success");
  });

  test("I24: a limit of 1 holds whoever claims", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.startMany(
      Array.from({ length: 30 }, () => ({ only_one: { concurrency: 1 } })),
      { spec: { maxRuns: 30 } },
    );
    let running = 0;
    let most = 0;
    const observe = async (change: number): Promise<void> => {
      running += change;
      most = Math.max(most, running);
    };
    const workers = await Promise.all(
      (await connections(scenario, 4)).map((store, index) => worker(scenario, store, index, observe)),
    );
    const claims = (await Promise.all(workers.map((work) => work(5)))).flat();
    expect(claims).toHaveLength(30);
    expect(most).toBe(1);
  });

  test("runs created at the same time by several connections get keys of their own", async () => {
    await using scenario = await Scenario.begin(subject);
    const stores = await connections(scenario, 4);
    const plans = await Promise.all(
      stores.map(() => Promise.all(Array.from({ length: 10 }, () => scenario.plan(chain("a", "b", "c"))))),
    );
    await Promise.all(stores.map((store, index) => store.createRuns(plans[index] ?? [])));
    await scenario.runOut();
    expect(await scenario.store.runs({ project: "shop", states: ["success"], limit: 100 })).toHaveLength(40);
  });

  test("I45: completions of one join by several connections are all counted", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(120, "all_done"));
    const claims = await scenario.claim();
    const stores = await connections(scenario, 4);
    const completions = claims.map(({ taskRunKey, token }) => {
      return { taskRunKey, token, session: scenario.session, result: SUCCESS };
    });
    const batches = Array.from({ length: 24 }, (_, index) => completions.slice(index * 5, index * 5 + 5));
    await Promise.all(batches.map((batch, index) => stores[index % 4]?.completeAndClaim(batch, undefined)));
    expect((await scenario.taskRun(run, "join")).upstream.success).toBe(120);
    expect((await scenario.states(run)).join).toBe("queued");
  });

  test("RS-7: whatever races with a cancel, nothing of the run starts after it", async () => {
    await using scenario = await Scenario.begin(subject);
    const [store] = await connections(scenario, 1);
    for (let round = 0; round < 10; round++) {
      const run = await scenario.start(join(20, "all_success"));
      const first = await scenario.claim(5);
      const [, , claims] = await Promise.all([
        scenario.exchange(
          first.map((claim) => [claim, SUCCESS]),
          { slots: 5 },
        ),
        store?.cancelRun(run, "anna"),
        scenario.claim(5),
      ]);
      expect(await scenario.claim()).toEqual([]);
      const states = Object.values(await scenario.states(run));
      expect(states.filter((state) => state === "queued" || state === "scheduled")).toEqual([]);
      await scenario.store.reapSessions([scenario.session]);
      scenario.session = await scenario.openSession(`${scenario.session}+`);
      expect(await scenario.runState(run)).toBe("cancelled");
      expect(claims.length).toBeLessThanOrEqual(5);
    }
  });
}

async function connections(scenario: Scenario, count: number): Promise<readonly Store[]> {
  const others = await Promise.all(Array.from({ length: count }, () => scenario.opened.another()));
  return others.map((store) => store ?? scenario.store);
}

/** A session on its own connection that claims and ends until nothing is left; gives all it has claimed. */
async function worker(
  scenario: Scenario,
  store: Store,
  index: number,
  observe: (change: number) => Promise<void> = async () => {},
) {
  const session = await scenario.openSession(`worker-${index}`);
  return async (slots: number): Promise<readonly Claim[]> => {
    const all: Claim[] = [];
    let held: readonly Claim[] = [];
    let idle = 0;
    // Others may still be about to make something ready, and a gate that was missed is tried again.
    while (idle < 20) {
      const completions = held.map(({ taskRunKey, token }) => ({ taskRunKey, token, session, result: SUCCESS }));
      await observe(-held.length);
      const answer = await store.completeAndClaim(completions, { session, slots, queues: ["default"] });
      held = answer.claims;
      await observe(held.length);
      all.push(...held);
      idle = held.length === 0 ? idle + 1 : 0;
      if (idle > 0) await new Promise((resolve) => scenario.clock.after(2, () => resolve(undefined)));
    }
    return all;
  };
}
