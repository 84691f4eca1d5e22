import { expect, test } from "vitest";
import type { RunId } from "../store.ts";
import { chain, type PipelineSketch } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const DAY_MS = 86_400_000;
const ONE_AT_A_TIME = { spec: { maxRuns: 1 } };

/** Runs that begin again by hand need a place among the runs of their pipeline, as any others do. */
export function testReopening(subject: Subject): void {
  test("CC-1, B44: of many runs that are cleared as many begin as there are places, and the rest waits", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs: RunId[] = [];
    for (let day = 1; day <= 20; day++)
      runs.push(await startDay(scenario, day, chain("a", "b"), { spec: { maxRuns: 3 } }));
    await scenario.runOut();
    const [first = "", second = "", third = ""] = runs;
    const request = { run: first, tasks: [], future: true, actor: "anna" };
    const rehearsed = await scenario.store.clear({ ...request, dryRun: true });
    const result = await scenario.store.clear(request);
    expect(result).toEqual(rehearsed);
    expect(result.kind === "done" && result.runs.map(({ to }) => to)).toEqual([
      ...["running", "running", "running"],
      ...Array(17).fill("queued"),
    ]);
    expect((await scenario.claim()).map(({ runId }) => runId)).toEqual([first, second, third]);
    expect(await scenario.states(runs[3] ?? "")).toEqual({ a: "scheduled", b: "scheduled" });
    expect(await scenario.store.failStalledRuns()).toEqual([]);
  });

  test("CC-1: a run that waits to run again begins when a place is free, the oldest first, and only then is decided", async () => {
    await using scenario = await Scenario.begin(subject);
    const [first, second] = [
      await scenario.start(chain("a", "b"), ONE_AT_A_TIME),
      await scenario.start(chain("a", "b"), ONE_AT_A_TIME),
    ];
    await scenario.runOut((task) => (task === "b" ? FAILED : SUCCESS));
    const busy = await scenario.start(chain("a", "b"), ONE_AT_A_TIME);
    const late = await scenario.start(chain("a", "b"), ONE_AT_A_TIME);
    expect(await scenario.store.retry({ run: second, which: "failed", actor: "anna" })).toMatchObject({
      runs: [{ runId: second, from: "failed", to: "queued" }],
      taskRuns: [{ task: "b", from: "failed", to: "scheduled" }],
    });
    await scenario.store.retry({ run: first, which: "all", actor: "anna" });
    expect(await scenario.store.run(first)).toMatchObject({ state: "queued", unfinished: 2 });
    expect(await scenario.store.run(first)).not.toHaveProperty("startedAt");
    expect((await scenario.claim()).map(({ runId }) => runId)).toEqual([busy]);
    expect(await scenario.store.admitRuns()).toEqual([]);
    await scenario.store.stop({ run: busy, how: "kill", actor: "anna" });
    await scenario.end(await scenario.store.claimsOf(scenario.session), FAILED);
    for (const next of [first, second, late]) {
      expect(await scenario.store.admitRuns()).toEqual([next]);
      for (let claims = await scenario.claim(); claims.length > 0; claims = await scenario.claim()) {
        expect(new Set(claims.map(({ runId }) => runId))).toEqual(new Set([next]));
        await scenario.end(claims, SUCCESS);
      }
      expect(await scenario.runState(next)).toBe("success");
    }
    expect((await scenario.taskRun(second, "a")).generation).toBe(1);
  });

  test("CC-1: what is marked and replayed waits for a place as what is cleared does", async () => {
    await using scenario = await Scenario.begin(subject);
    const [marked, replayed] = [
      await scenario.start(chain("a", "b"), ONE_AT_A_TIME),
      await scenario.start(chain("a", "b"), ONE_AT_A_TIME),
    ];
    await scenario.runOut(() => FAILED);
    await scenario.start(chain("a"), ONE_AT_A_TIME);
    await scenario.store.mark({ run: marked, as: "success", tasks: [{ name: "a" }], actor: "anna" });
    const [letter] = await scenario.store.deadLetters({ project: "shop", state: "open", limit: 9 });
    await scenario.store.replayDeadLetters({ project: "shop", ids: [letter?.id ?? 0], actor: "anna" });
    expect(await scenario.states(marked)).toEqual({ a: "success", b: "scheduled" });
    expect(await scenario.states(replayed)).toEqual({ a: "scheduled", b: "scheduled" });
    for (const run of [marked, replayed]) expect(await scenario.runState(run)).toBe("queued");
    await scenario.runOut();
    for (const run of [marked, replayed]) expect(await scenario.runState(run)).toBe("success");
  });

  test("CC-1, CC-5: no run of a paused pipeline begins again before it is resumed", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a"));
    await scenario.runOut();
    const pause = { project: "shop", pipeline: "daily", actor: "anna" };
    await scenario.store.pausePipeline(pause);
    await scenario.store.retry({ run, which: "all", actor: "anna" });
    expect(await scenario.runState(run)).toBe("queued");
    expect(await scenario.store.admitRuns()).toEqual([]);
    await scenario.store.resumePipeline(pause);
    expect(await scenario.store.admitRuns()).toEqual([run]);
  });

  test("ST-2: in a run that waits for its place more can be cleared and marked; nothing of it begins by that", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(
      { ...chain("a", "b", "c"), x: { after: ["a"], when: "all_skipped" } },
      ONE_AT_A_TIME,
    );
    await scenario.runOut();
    const busy = await scenario.start(chain("a"), ONE_AT_A_TIME);
    const { store } = scenario;
    await store.clear({ run, tasks: [{ name: "c" }], actor: "anna" });
    expect(await store.clear({ run, tasks: [{ name: "b" }], actor: "anna" })).toMatchObject({ runs: [] });
    expect(await store.mark({ run, as: "success", tasks: [{ name: "b" }], actor: "anna" })).toMatchObject({
      runs: [],
      taskRuns: [{ task: "b", from: "scheduled", to: "success" }],
    });
    await store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.states(run)).toEqual({ a: "scheduled", b: "success", c: "scheduled", x: "skipped" });
    expect(await scenario.runState(run)).toBe("queued");
    await store.stop({ run: busy, how: "kill", actor: "anna" });
    expect(await store.admitRuns()).toEqual([run]);
    expect(await scenario.states(run)).toEqual({ a: "queued", b: "success", c: "queued", x: "skipped" });
  });

  test("RS-2: a run in which nothing is left to begin by what was marked ends without a place", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { maxRuns: 0 };
    const run = await scenario.start(chain("a", "b"), { spec });
    const { store } = scenario;
    await store.mark({ run, as: "success", tasks: [{ name: "b" }], actor: "anna" });
    expect(await scenario.states(run)).toEqual({ a: "scheduled", b: "success" });
    await store.stop({ run, how: "cancel", tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.runState(run)).toBe("failed");
    const blocked = await scenario.start(chain("a", "b"), { spec });
    await store.mark({ run: blocked, as: "failed", tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.states(blocked)).toEqual({ a: "failed", b: "upstream_failed" });
    expect(await scenario.runState(blocked)).toBe("failed");
  });

  test("RS-7, SU-1: a run that waits to run again is cancelled at once, and takes away without a place what it has set up", async () => {
    await using scenario = await Scenario.begin(subject);
    const after = ["setup", "work"];
    const teardown = { after, when: "all_done", role: "teardown", allowFailure: true } as const;
    const tasks = { setup: { role: "setup" }, work: { after: ["setup"] }, drop: teardown } as const;
    const run = await scenario.start(tasks, ONE_AT_A_TIME);
    await scenario.runOut((task) => (task === "work" ? FAILED : SUCCESS));
    await scenario.start(tasks, ONE_AT_A_TIME);
    await scenario.store.clear({ run, tasks: [{ name: "work" }, { name: "drop" }], actor: "anna" });
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.states(run)).toMatchObject({ work: "cancelled", drop: "queued" });
    expect(await scenario.runState(run)).toBe("cancelling");
    const drop = (await scenario.claim()).filter(({ runId }) => runId === run);
    await scenario.end(drop, SUCCESS);
    expect(await scenario.runState(run)).toBe("cancelled");
  });

  const clearedWhileItWaits = async (scenario: Scenario) => {
    const tasks: PipelineSketch = { free: {}, load: { dependsOnPast: true } };
    const first = await startDay(scenario, 1, tasks, ONE_AT_A_TIME);
    await scenario.store.releasePast();
    await scenario.runOut((task) => (task === "load" ? FAILED : SUCCESS));
    const waiting = await startDay(scenario, 3, tasks, ONE_AT_A_TIME);
    await scenario.end(await scenario.claim(), SUCCESS);
    const next = await startDay(scenario, 4, tasks, ONE_AT_A_TIME);
    expect(await scenario.store.releasePast()).toMatchObject({ givenBack: 1 });
    expect(await scenario.store.admitRuns()).toEqual([next]);
    await scenario.store.clear({ run: waiting, tasks: [{ name: "free" }], actor: "anna" });
    expect(await scenario.states(waiting)).toEqual({ free: "scheduled", load: "deferred" });
    await scenario.store.cancelRun(next, "anna");
    await scenario.end(await scenario.store.claimsOf(scenario.session), FAILED);
    return { waiting, first };
  };

  test("CC-6: a run that gave its place back and of which more is to run takes the next place for it", async () => {
    await using scenario = await Scenario.begin(subject);
    const { waiting } = await clearedWhileItWaits(scenario);
    expect(await scenario.store.admitRuns()).toEqual([waiting]);
    expect(await scenario.states(waiting)).toEqual({ free: "queued", load: "deferred" });
  });

  test("CC-6: what was cleared meanwhile is decided too when the past lets a run go on", async () => {
    await using scenario = await Scenario.begin(subject);
    const { waiting, first } = await clearedWhileItWaits(scenario);
    await scenario.store.mark({ run: first, as: "success", tasks: [{ name: "load" }], actor: "anna" });
    expect(await scenario.store.releasePast()).toMatchObject({ opened: 1 });
    expect(await scenario.states(waiting)).toEqual({ free: "queued", load: "queued" });
  });
}

function startDay(
  scenario: Scenario,
  day: number,
  tasks: PipelineSketch,
  more: Parameters<Scenario["start"]>[1],
): Promise<RunId> {
  return scenario.start(tasks, { interval: { start: day * DAY_MS, end: (day + 1) * DAY_MS }, ...more });
}
