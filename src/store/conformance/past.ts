import { expect, test } from "vitest";
import type { CompletionResult, RunId } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { FAILED, type RunSketch, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const LOAD: PipelineSketch = { extract: {}, load: { after: ["extract"], dependsOnPast: true } };
const ALONE: PipelineSketch = { load: { dependsOnPast: true } };
const PLAIN: PipelineSketch = { load: {} };
const DAY_MS = 86_400_000;

/** Task runs that wait for themselves in the run before (CC-6). */
export function testPast(subject: Subject): void {
  test("CC-6: a task waits until it has succeeded in the run before, and holds nothing meanwhile", async () => {
    await using scenario = await Scenario.begin(subject);
    const first = await day(scenario, 1, LOAD);
    const second = await day(scenario, 2, LOAD);
    const extracts = await scenario.claim();
    expect(scenario.names(extracts)).toEqual(["extract", "extract"]);
    await scenario.end(extracts, SUCCESS);
    expect(await scenario.states(second)).toEqual({ extract: "success", load: "deferred" });
    // Without an earlier run that has the task, it passes.
    expect(await scenario.store.releasePast()).toEqual({ waiting: 2, opened: 1, givenBack: 0 });
    const loads = await scenario.claim();
    expect(loads.map(({ runId }) => runId)).toEqual([first]);
    expect(await scenario.store.releasePast()).toMatchObject({ waiting: 1, opened: 0 });
    await scenario.end(loads, SUCCESS);
    expect(await scenario.store.releasePast()).toMatchObject({ waiting: 1, opened: 1 });
    await scenario.runOut();
    expect(await scenario.runState(second)).toBe("success");
    expect(await scenario.store.releasePast()).toEqual({ waiting: 0, opened: 0, givenBack: 0 });
  });

  test("CC-6: skipped in the run before is as good; failed there holds until it is mended", async () => {
    await using scenario = await Scenario.begin(subject);
    const first = await day(scenario, 1, ALONE);
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), FAILED);
    const second = await day(scenario, 2, ALONE);
    expect(await scenario.store.releasePast()).toMatchObject({ waiting: 1, opened: 0 });
    expect(await scenario.store.failStalledRuns()).toEqual([]);
    await scenario.store.rerun(first, "failed", "anna");
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), SKIPPED);
    expect(await scenario.store.releasePast()).toMatchObject({ opened: 1 });
    expect((await scenario.claim()).map(({ runId }) => runId)).toEqual([second]);
  });

  test("CC-6: the run that holds up a chain of runs is found, however many wait in between", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const first = await day(scenario, 1, ALONE);
    expect(await store.pastHolder(first, 0)).toBeUndefined();
    await store.releasePast();
    await scenario.end(await scenario.claim(), FAILED);
    await day(scenario, 2, { other: {} });
    const third = await day(scenario, 3, ALONE);
    // Both have the same interval: the newer one is the run before of the next.
    const [older, newer] = [await day(scenario, 4, ALONE), await day(scenario, 4, ALONE)];
    const last = await day(scenario, 5, ALONE);
    await store.releasePast();
    const holder = { run: { id: first }, state: "failed" };
    expect(await store.pastHolder(third, 0)).toMatchObject({ ...holder, between: 0 });
    expect(await store.pastHolder(older, 0)).toMatchObject({ ...holder, between: 1 });
    expect(await store.pastHolder(last, 0)).toMatchObject({ ...holder, between: 2 });
    // Of those to come only one has a place, and the others begin behind it.
    const spec = { maxRuns: 1 };
    for (const number of [6, 7]) await day(scenario, number, ALONE, { spec });
    const queued = await day(scenario, 8, ALONE, { spec });
    expect(await scenario.runState(queued)).toBe("queued");
    expect(await store.pastHolder(queued, 0)).toMatchObject({ ...holder, between: 5 });
    await store.mark({ run: newer, as: "failed", actor: "anna", tasks: [{ name: "load" }] });
    expect(await store.pastHolder(last, 0)).toMatchObject({ run: { id: newer }, state: "failed", between: 0 });
  });

  test("a chain of more runs than anybody wants to read is followed as far as 200", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs: RunId[] = [];
    for (let n = 0; n <= 202; n++) runs.push(await day(scenario, n, ALONE));
    const last = runs.at(-1) ?? "";
    expect(await scenario.store.pastHolder(last as RunId, 0)).toMatchObject({
      ...{ run: { id: runs.at(-201) }, between: 199, isFurther: true },
    });
  });

  test("CC-6: the run before is the nearest earlier interval of the same schedule that has the task", async () => {
    await using scenario = await Scenario.begin(subject);
    await day(scenario, 1, ALONE);
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), SUCCESS);
    // It has no such task, so it is looked past; nor do a later day and another schedule count.
    await day(scenario, 2, { other: {} });
    const fourth = await day(scenario, 4, ALONE);
    await day(scenario, 3, ALONE, { schedule: "hourly" });
    await day(scenario, 9, ALONE);
    await scenario.store.releasePast();
    const opened = (await scenario.claim()).filter((claim) => scenario.nameOf(claim) === "load");
    expect(opened.map(({ runId }) => runId)).toContain(fourth);
    expect(opened).toHaveLength(2);
  });

  test("TI-2: the success before an interval is the nearest one of the same schedule, of a whole pipeline", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const ended = async (number: number, result: CompletionResult = SUCCESS, more: RunSketch = {}): Promise<RunId> => {
      const run = await day(scenario, number, PLAIN, more);
      await scenario.end(await scenario.claim(), result);
      return run;
    };
    const before = async (number: number, schedule?: string) => {
      const interval = { start: number * DAY_MS, end: (number + 1) * DAY_MS };
      const place = { project: "shop", pipeline: "daily", interval };
      return (await store.pastSuccess(schedule === undefined ? place : { ...place, schedule }))?.runId;
    };
    const second = await ended(2);
    const twice = await ended(2);
    await ended(3, FAILED);
    await ended(4, SUCCESS, { only: [0] });
    const hourly = await ended(4, SUCCESS, { schedule: "hourly" });
    const sixth = await ended(6);
    const fifth = await ended(5, FAILED);
    expect(await before(2)).toBeUndefined();
    expect(await before(3)).toBe(twice);
    expect(await before(6)).toBe(twice);
    expect(await before(7)).toBe(sixth);
    expect(await before(6, "hourly")).toBe(hourly);
    expect(second).not.toBe(twice);
    // Mended later, it counts from then on.
    await store.rerun(fifth, "failed", "anna");
    expect(await before(6)).toBe(twice);
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await before(6)).toBe(fifth);
    const run = await store.run(fifth);
    const place = { project: "shop", pipeline: "daily", interval: { start: 6 * DAY_MS, end: 7 * DAY_MS } };
    expect(await store.pastSuccess(place)).toEqual({
      ...{ runId: fifth, interval: run?.interval, ds: run?.ds, startedAt: run?.startedAt, finishedAt: run?.finishedAt },
    });
  });

  test("TI-2: runs that begin are read together, each with the success before its own interval", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    const first = await day(scenario, 1, PLAIN);
    const hourly = await day(scenario, 1, PLAIN, { schedule: "hourly" });
    const other = await day(scenario, 1, PLAIN, { pipeline: "weekly" });
    await scenario.end(await scenario.claim(), SUCCESS);
    const second = await day(scenario, 2, PLAIN);
    const begun = [second, first, hourly, other, await day(scenario, 3, PLAIN, { schedule: "hourly" })];
    const starts = new Map(
      (await store.runStarts([...begun, "run of another store"])).map((start) => [start.run.id, start]),
    );
    expect([...starts.keys()].toSorted()).toEqual(begun.toSorted());
    for (const [id, { run, lastSuccess }] of starts) {
      expect(run).toEqual(await store.run(id));
      expect(lastSuccess).toEqual(await store.pastSuccess(run));
    }
    expect(begun.map((id) => starts.get(id)?.lastSuccess?.runId)).toEqual([
      first,
      ...[undefined, undefined, undefined],
      hourly,
    ]);
    expect(await store.runStarts([])).toEqual([]);
  });

  test("CC-6: the oldest goes first, and one that only waits gives its place to it: no deadlock", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = { spec: { maxRuns: 1 } };
    const third = await day(scenario, 3, ALONE, one);
    const first = await day(scenario, 1, ALONE, one);
    const second = await day(scenario, 2, ALONE, one);
    const order: RunId[] = [];
    for (let round = 0; round < 20; round++) {
      await scenario.store.releasePast();
      await scenario.store.admitRuns();
      expect((await scenario.store.runs({ states: ["running"], limit: 9 })).length).toBeLessThanOrEqual(1);
      const claims = await scenario.claim();
      order.push(...claims.map(({ runId }) => runId));
      await scenario.end(claims, SUCCESS);
      await scenario.check();
    }
    // The third had the only place, and has given it to those before it.
    expect(order).toEqual([first, second, third]);
    const late = await day(scenario, 5, ALONE, one);
    const between = await day(scenario, 4, ALONE, one);
    expect(await scenario.store.releasePast()).toMatchObject({ opened: 0, givenBack: 1 });
    expect(await scenario.runState(late)).toBe("queued");
    expect(await scenario.store.admitRuns()).toEqual([between]);
    // It is no longer looked at for a place until the past lets it go.
    expect(await scenario.store.admitRuns()).toEqual([]);
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.runState(between)).toBe("success");
    expect(await scenario.store.releasePast()).toMatchObject({ opened: 1 });
    expect((await scenario.claim()).map(({ runId }) => runId)).toEqual([late]);
  });

  test("CC-6, I10: what waits for the past is asked anew when an upstream is cleared or marked meanwhile", async () => {
    await using scenario = await Scenario.begin(subject);
    await day(scenario, 1, LOAD);
    const run = await day(scenario, 2, LOAD);
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toEqual({ extract: "success", load: "deferred" });
    await scenario.store.clear({ run, tasks: [{ name: "extract" }], actor: "anna" });
    expect(await scenario.states(run)).toEqual({ extract: "queued", load: "scheduled" });
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toEqual({ extract: "success", load: "deferred" });
    await scenario.store.mark({ run, tasks: [{ name: "extract" }], as: "failed", actor: "anna" });
    expect(await scenario.states(run)).toEqual({ extract: "failed", load: "upstream_failed" });
  });

  test("CC-6: one that may go on takes the place of one that still waits, though nobody else wants it", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = { spec: { maxRuns: 1 } };
    const first = await day(scenario, 1, ALONE, one);
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), FAILED);
    const second = await day(scenario, 2, ALONE, one);
    const third = await day(scenario, 3, ALONE, one);
    expect(await scenario.store.releasePast()).toMatchObject({ givenBack: 1 });
    await scenario.store.admitRuns();
    expect(await scenario.store.run(third)).toMatchObject({ state: "running" });
    expect(await scenario.store.releasePast()).toEqual({ waiting: 2, opened: 0, givenBack: 0 });
    await scenario.store.mark({ run: first, tasks: [{ name: "load" }], as: "success", actor: "anna" });
    expect(await scenario.store.releasePast()).toEqual({ waiting: 2, opened: 1, givenBack: 1 });
    expect((await scenario.claim()).map(({ runId }) => runId)).toEqual([second]);
  });

  test("CC-6, I45: what waits for the past has not ended for those behind it", async () => {
    await using scenario = await Scenario.begin(subject);
    const chain: PipelineSketch = {
      before: {},
      set: { after: ["before"], dependsOnPast: true, role: "setup" },
      use: { after: ["set"], gates: ["set"] },
    };
    const run = await day(scenario, 1, chain);
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toEqual({ before: "success", set: "deferred", use: "scheduled" });
    expect((await scenario.taskRun(run, "use")).upstream).toMatchObject({ gates: 1, success: 0 });
    await scenario.store.releasePast();
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("RS-4, CC-6: the time of a run goes on while it has given its place back", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = { spec: { maxRuns: 1, runTimeoutMs: 60_000 } };
    await day(scenario, 1, ALONE, one);
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), FAILED);
    const waiting = await day(scenario, 3, ALONE, one);
    await day(scenario, 4, ALONE, one);
    expect(await scenario.store.releasePast()).toMatchObject({ givenBack: 1 });
    scenario.clock.advance(59_999);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 1 });
    scenario.clock.advance(1);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    expect(await scenario.store.run(waiting)).toMatchObject({ state: "failed", reason: "timeout" });
    expect(await scenario.states(waiting)).toEqual({ load: "cancelled" });
  });

  test("CC-6: a run that gave its place back can be cancelled", async () => {
    await using scenario = await Scenario.begin(subject);
    await day(scenario, 1, ALONE, { spec: { maxRuns: 1 } });
    await scenario.store.releasePast();
    await scenario.end(await scenario.claim(), FAILED);
    const waiting = await day(scenario, 3, ALONE, { spec: { maxRuns: 1 } });
    await day(scenario, 4, ALONE, { spec: { maxRuns: 1 } });
    expect(await scenario.store.releasePast()).toMatchObject({ givenBack: 1 });
    await scenario.store.cancelRun(waiting, "anna");
    expect(await scenario.runState(waiting)).toBe("cancelled");
  });
}

function day(
  scenario: Scenario,
  number: number,
  tasks: PipelineSketch,
  more: Parameters<Scenario["start"]>[1] = {},
): Promise<RunId> {
  const interval = { start: number * DAY_MS, end: (number + 1) * DAY_MS };
  return scenario.start(tasks, { interval, ...more });
}
