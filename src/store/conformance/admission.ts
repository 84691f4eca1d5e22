import { expect, test } from "vitest";
import type { RunId, Store } from "../store.ts";
import { chain, type PipelineSketch } from "./pipelines.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const ONE: PipelineSketch = { a: {} };

/** How many runs of a pipeline are under way. */
export function testAdmission(subject: Subject): void {
  test("CC-1: sixteen runs begin, the rest waits in its order, and nothing of it is ready", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await scenario.startMany(Array.from({ length: 18 }, () => ONE));
    expect(runs.map(({ state }) => state)).toEqual([...Array(16).fill("running"), "queued", "queued"]);
    expect(await scenario.claim()).toHaveLength(16);
    expect(await scenario.states(runs[17]?.id ?? "")).toEqual({ a: "scheduled" });
    expect(await scenario.store.admitRuns()).toEqual([]);
  });

  test("CC-1, CC-2: a place that becomes free goes to the oldest, before a run that is asked for later", async () => {
    await using scenario = await Scenario.begin(subject);
    const [first, second, third] = await ids(scenario, 3, { maxRuns: 1 });
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await states(scenario, [first, second, third])).toEqual(["success", "queued", "queued"]);
    const late = await scenario.start(ONE, { spec: { maxRuns: 1 } });
    expect(await scenario.runState(late)).toBe("queued");
    expect(await scenario.store.admitRuns()).toEqual([second]);
    expect(await scenario.edges(second, "a")).toEqual(["scheduled>queued"]);
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.store.admitRuns()).toEqual([third]);
    expect(await scenario.runState(late)).toBe("queued");
  });

  test("CC-1: pipelines do not share their places", async () => {
    await using scenario = await Scenario.begin(subject);
    await ids(scenario, 2, { maxRuns: 1 });
    const other = await scenario.start(ONE, { pipeline: "other", spec: { maxRuns: 1 } });
    expect(await scenario.runState(other)).toBe("running");
    const elsewhere = await scenario.start(ONE, { project: "factory", spec: { maxRuns: 1 } });
    expect(await scenario.runState(elsewhere)).toBe("running");
  });

  test("CC-5: a lower limit stops no run, a higher one of a later version lets more begin", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await ids(scenario, 4, { maxRuns: 3 });
    const later = await scenario.start(ONE, { spec: { maxRuns: 1 } });
    expect(await states(scenario, runs)).toEqual(["running", "running", "running", "queued"]);
    await scenario.end(await scenario.claim(2), SUCCESS);
    expect(await scenario.store.admitRuns()).toEqual([]);
    const last = await scenario.start(ONE, { spec: { maxRuns: 3 } });
    expect(await scenario.store.admitRuns()).toEqual([runs[3], later]);
    expect(await scenario.runState(last)).toBe("queued");
  });

  test("CC-5: a limit of 0 lets no run begin", async () => {
    await using scenario = await Scenario.begin(subject);
    expect(await states(scenario, await ids(scenario, 1, { maxRuns: 0 }))).toEqual(["queued"]);
    expect(await scenario.store.admitRuns()).toEqual([]);
  });

  test("CC-5: what an operator has set for the runs of a pipeline stands before what it says itself", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await ids(scenario, 3, { maxRuns: 1 });
    await scenario.store.setScopeLimit({ project: "shop", name: "runs:daily", slots: 2, actor: "anna" });
    expect(await scenario.store.admitRuns()).toEqual([runs[1]]);
    expect(await scenario.runState(await scenario.start(ONE, { spec: { maxRuns: 5 } }))).toBe("queued");
  });

  test("no run of a paused pipeline begins until it is resumed", async () => {
    await using scenario = await Scenario.begin(subject);
    const pause = { project: "shop", pipeline: "daily", actor: "anna" };
    await scenario.store.pausePipeline(pause);
    const run = await scenario.start(ONE);
    expect(await scenario.runState(run)).toBe("queued");
    expect(await scenario.store.admitRuns()).toEqual([]);
    expect(await scenario.store.failStalledRuns()).toEqual([]);
    await scenario.store.resumePipeline(pause);
    expect(await scenario.store.admitRuns()).toEqual([run]);
  });

  test("a run that waits for its place can be cancelled, and takes none", async () => {
    await using scenario = await Scenario.begin(subject);
    const [, second, third] = await ids(scenario, 3, { maxRuns: 1 });
    await scenario.store.cancelRun(second, "anna");
    expect(await scenario.runState(second)).toBe("cancelled");
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.store.admitRuns()).toEqual([third]);
  });

  test("I24: runs that several connections ask for at the same time share the places of their pipeline", async () => {
    await using scenario = await Scenario.begin(subject);
    const stores = await Promise.all(Array.from({ length: 4 }, () => scenario.opened.another()));
    for (let round = 0; round < 5; round++) {
      const plans = await Promise.all(stores.map(() => scenario.plan(chain("a"), { spec: { maxRuns: 1 } })));
      await Promise.all(stores.map((store, index) => work(store ?? scenario.store, plans.slice(index, index + 1))));
      expect(await scenario.store.runs({ states: ["running"], limit: 10 })).toHaveLength(1);
      await scenario.end(await scenario.claim(), SUCCESS);
    }
  });
}

async function work(store: Store, plans: Parameters<Store["createRuns"]>[0]): Promise<void> {
  await Promise.all([store.createRuns(plans), store.admitRuns()]);
}

async function ids(
  scenario: Scenario,
  count: number,
  spec: { readonly maxRuns: number },
): Promise<readonly [RunId, RunId, RunId, ...RunId[]]> {
  const runs = await scenario.startMany(
    Array.from({ length: count }, () => ONE),
    { spec },
  );
  const [first = "", second = "", third = "", ...others] = runs.map(({ id }) => id);
  return [first, second, third, ...others];
}

async function states(scenario: Scenario, runs: readonly RunId[]) {
  const found = await Promise.all(runs.filter((run) => run !== "").map((run) => scenario.runState(run)));
  return found;
}
