import { expect, test } from "vitest";
import { chain, type PipelineSketch } from "./pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;

export function testTimeLimits(subject: Subject): void {
  test("RS-4: a run that takes longer than its time-out is stopped and fails with that reason", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ ...chain("a", "b"), c: {} }, { spec: { runTimeoutMs: HOUR } });
    const [a, c] = await scenario.claim();
    if (a === undefined || c === undefined) throw new Error("Nothing claimed");
    await scenario.end([c], retrying(2 * HOUR));
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR });
    scenario.clock.advance(HOUR);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1, nextInMs: 10 * MINUTE });
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelling", reason: "timeout" });
    expect(await scenario.states(run)).toEqual({ a: "running", b: "cancelled", c: "cancelled" });
    expect(await scenario.taskRun(run, "b")).toMatchObject({ reason: "timeout" });
    const message = "The run took longer than its time-out of 1 h 00 min.";
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "cancel", message } }]);
    const { finishedRuns } = await scenario.end([a], CANCELLED);
    expect(finishedRuns).toEqual([{ runId: run, state: "failed" }]);
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "timeout" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0 });
  });

  test("RS-4: with nothing running it ends at once, and it counts anew when the run is run again", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"), { spec: { runTimeoutMs: HOUR } });
    scenario.clock.advance(HOUR);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "timeout" });
    await scenario.store.rerun(run, "failed", "anna");
    scenario.clock.advance(MINUTE);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR - MINUTE });
    await scenario.runOut();
    expect(await scenario.store.run(run)).toMatchObject({ state: "success" });
    expect(await scenario.opened.rows("select * from timer")).toEqual([]);
  });

  test("RS-7: what a stopped run has not cleaned up in its time is killed, and the run ends", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b"), { spec: { cleanupTimeoutMs: MINUTE } });
    const claims = await scenario.claim();
    await scenario.store.cancelRun(run, "anna");
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: MINUTE });
    scenario.clock.advance(MINUTE);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "kill" } }]);
    await scenario.end(claims, LOST);
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelled", reason: "operator: anna" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0 });
  });

  test("RT-4: the total time-out spans attempts and waits, and ends a waiting task run for good", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { totalTimeoutMs: HOUR }, b: { after: ["a"] } });
    scenario.clock.advance(30 * MINUTE);
    await scenario.end(await scenario.claim(), retrying(2 * HOUR));
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 30 * MINUTE });
    scenario.clock.advance(30 * MINUTE);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    expect(await scenario.taskRun(run, "a")).toMatchObject({
      ...{ state: "failed", reason: "timeout", attempt: 1 },
      failure: { message: "All attempts and waits together took longer than the total time-out of 1 h 00 min." },
    });
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "upstream_failed" });
    expect(await scenario.runState(run)).toBe("failed");
    const letters = (await scenario.events(run)).filter(({ body }) => body.kind === "dead_letter");
    expect(letters).toHaveLength(1);
  });

  test("RT-4: a running attempt is stopped, fails for good, and one dead letter is opened", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { after: ["b"], totalTimeoutMs: HOUR }, b: {} });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0 });
    const [b] = await scenario.claim();
    if (b === undefined) throw new Error("Nothing claimed");
    const { claims, nextTimerInMs } = await scenario.exchange([[b, SUCCESS]], {});
    expect(nextTimerInMs).toBe(HOUR);
    scenario.clock.advance(HOUR);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "timeout" } }]);
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "running" });
    await scenario.end(claims, retrying(0));
    expect(await scenario.taskRun(run, "a")).toMatchObject({ state: "failed", reason: "timeout" });
    expect(await scenario.opened.rows("select state from dead_letter")).toEqual([{ state: "open" }]);
  });

  test("RT-4: what is taken back to its rule has all of its time again once it is ready", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: { after: ["a"], when: "all_done", totalTimeoutMs: HOUR } });
    await scenario.end(await scenario.claim(), SUCCESS);
    scenario.clock.advance(50 * MINUTE);
    await scenario.store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.taskRun(run, "b")).toMatchObject({ state: "scheduled", generation: 1 });
    expect(await scenario.opened.rows("select * from timer")).toEqual([]);
    scenario.clock.advance(50 * MINUTE);
    await scenario.end(await scenario.claim(), SUCCESS);
    scenario.clock.advance(50 * MINUTE);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 10 * MINUTE });
    // Taken back and ready again in the same transaction.
    await scenario.store.mark({ run, as: "failed", tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR });
    scenario.clock.advance(HOUR);
    await scenario.store.fireTimers();
    expect(await scenario.taskRun(run, "b")).toMatchObject({ state: "failed", reason: "timeout" });
  });

  test("RT-4: the total time-out of an earlier generation ends nothing, and one of a finished task run is gone", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { totalTimeoutMs: HOUR } });
    await scenario.end(await scenario.claim(), FAILED);
    scenario.clock.advance(30 * MINUTE);
    await scenario.store.rerun(run, "failed", "anna");
    scenario.clock.advance(30 * MINUTE);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 30 * MINUTE });
    await scenario.runOut();
    expect(await scenario.opened.rows("select * from timer")).toEqual([]);
  });

  test("a run without time-outs writes no deadline", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start(chain("a", "b"));
    expect((await scenario.exchange((await scenario.claim()).map((one) => [one, SUCCESS]))).nextTimerInMs).toBe(
      undefined,
    );
    expect(await scenario.opened.rows("select * from timer")).toEqual([]);
  });

  test("RS-5: the first final failure cancels the rest, stops what runs, and the run fails", async () => {
    await using scenario = await Scenario.begin(subject);
    const sketch = { ...chain("a", "b"), c: {}, d: {}, e: { after: ["a"], when: "all_done" as const } };
    const run = await scenario.start(sketch, { spec: { failFast: true } });
    const [a, c, d] = await scenario.claim();
    if (a === undefined || c === undefined || d === undefined) throw new Error("Nothing claimed");
    await scenario.end([d], retrying(HOUR));
    expect(await scenario.runState(run)).toBe("running");
    await scenario.end([a], FAILED);
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelling", reason: "fail_fast" });
    expect(await scenario.states(run)).toEqual({
      ...{ a: "failed", b: "upstream_failed", c: "running", d: "cancelled", e: "cancelled" },
    });
    const message = 'Task "a" failed, and the run is to end at its first failure.';
    expect(await scenario.store.leasesOf(scenario.session)).toMatchObject([{ stop: { kind: "cancel", message } }]);
    await scenario.end([c], CANCELLED);
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "fail_fast", failing: 4 });
  });

  test("RS-6: so many failed runs in a row pause the pipeline, in the transaction of the last failure", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { pauseAfterFailures: 2 };
    const endings = [FAILED, SUCCESS, FAILED, CANCELLED, FAILED];
    const paused: unknown[] = [];
    const runs: string[] = [];
    for (const ending of endings) {
      const run = await scenario.start({ a: {} }, { spec });
      if (ending === CANCELLED) await scenario.store.cancelRun(run, "anna");
      else await scenario.end(await scenario.claim(), ending);
      paused.push((await scenario.store.pausedPipelines("shop")).length);
      runs.push(run);
    }
    expect(paused).toEqual([0, 0, 0, 0, 1]);
    const reason = `2 runs in a row failed, the last one ${runs[4]}.`;
    expect(await scenario.store.pausedPipelines("shop")).toMatchObject([
      { pipeline: "daily", pausedBy: "pauseAfterFailures", reason },
    ]);
    expect((await scenario.events(runs[4])).map(({ body }) => body)).toContainEqual({
      kind: "pipeline_paused",
      reason,
    });
    expect(await scenario.opened.rows("select action, actor from audit where action = 'pause'")).toEqual([
      { action: "pause", actor: "pauseAfterFailures" },
    ]);
  });

  test("RS-6: runs that fail in one transaction are as many in a row as they are", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.startMany([{ a: {} }, { a: {} }, { a: {} }], { spec: { pauseAfterFailures: 3 } });
    await scenario.end(await scenario.claim(), FAILED);
    expect(await scenario.store.pausedPipelines("shop")).toMatchObject([{ pipeline: "daily" }]);
  });

  test("RS-6: of runs that end in one transaction a success ends the series", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.startMany([{ a: {} }, { b: {} }, { a: {} }], { spec: { pauseAfterFailures: 2 } });
    const claims = await scenario.claim();
    const results = claims.map((claim) => [claim, scenario.nameOf(claim) === "b" ? SUCCESS : FAILED] as const);
    await scenario.exchange(results, {});
    expect(await scenario.store.pausedPipelines("shop")).toEqual([]);
  });

  test("RS-6: a paused pipeline that is let go on is paused again by the next failure, and a success ends the series", async () => {
    await using scenario = await Scenario.begin(subject);
    const spec = { pauseAfterFailures: 2, runTimeoutMs: HOUR };
    const one = { project: "shop", pipeline: "daily", actor: "anna" };
    for (let count = 0; count < 2; count++) {
      await scenario.start({ a: {} }, { spec });
      scenario.clock.advance(HOUR);
      await scenario.store.fireTimers();
    }
    expect(await scenario.store.resumePipeline(one)).toBe(true);
    await scenario.start({ a: {} }, { spec });
    await scenario.end(await scenario.claim(), FAILED);
    expect(await scenario.store.resumePipeline(one)).toBe(true);
    for (const ending of [SUCCESS, FAILED]) {
      await scenario.start({ a: {} }, { spec });
      await scenario.end(await scenario.claim(), ending);
    }
    expect(await scenario.store.pausedPipelines("shop")).toEqual([]);
  });

  test("RT-4: every item of a map has a total time-out of its own", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { over: [1, 2], totalTimeoutMs: HOUR } });
    expect((await scenario.store.taskRuns(run)).map(({ state }) => state)).toContain("queued");
    scenario.clock.advance(HOUR);
    await scenario.store.fireTimers();
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", failing: 2 });
  });

  test("RS-5: a failure that is allowed, or not final, ends nothing early", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { allowFailure: true }, b: {} }, { spec: { failFast: true } });
    const [a, b] = await scenario.claim();
    if (a === undefined || b === undefined) throw new Error("Nothing claimed");
    await scenario.end([a], FAILED);
    await scenario.end([b], SUCCESS);
    expect(await scenario.runState(run)).toBe("success");
  });

  test("RS-5, GR-1: the failure after which a group is tried for the last time ends nothing, the next one does", async () => {
    await using scenario = await Scenario.begin(subject);
    const once = { limit: 1, delay: { kind: "fixed" as const, ms: 0 }, jitter: 0 };
    const sketch = {
      "load/start": { startOf: "load" },
      "load.a": { in: "load", gates: ["load/start"] },
      "load/end": { endOf: "load", after: ["load.a"], when: "all_done" as const, groupRetries: once },
      other: {},
    };
    const run = await scenario.start(sketch, { spec: { failFast: true } });
    const [a, other] = await scenario.claim();
    if (a === undefined || other === undefined) throw new Error("Nothing claimed");
    await scenario.end([a], FAILED);
    expect(await scenario.runState(run)).toBe("running");
    await scenario.store.releaseRetries();
    await scenario.end(await scenario.claim(), FAILED);
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelling", reason: "fail_fast" });
    await scenario.end([other], CANCELLED);
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("RS-5: a map that cannot be expanded is a failure like any other", async () => {
    await using scenario = await Scenario.begin(subject);
    const sketch = { list: {}, each: { over: "list", map: { limit: 1 } }, other: {} };
    const run = await scenario.start(sketch, { spec: { failFast: true } });
    const [list, other] = await scenario.claim();
    if (list === undefined || other === undefined) throw new Error("Nothing claimed");
    await scenario.end([list], { kind: "success", output: { kind: "inline", json: "[1,2]" } });
    expect(await scenario.states(run)).toEqual({ list: "success", each: "failed", other: "running" });
    expect(await scenario.store.run(run)).toMatchObject({ state: "cancelling", reason: "fail_fast" });
    await scenario.end([other], CANCELLED);
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("RS-5: so is one that cannot be expanded when its run is created, cleared or goes on by hand", async () => {
    await using scenario = await Scenario.begin(subject);
    const over = [1, 2];
    const atOnce = await scenario.start({ each: { over, map: { limit: 1 } }, other: {} }, { spec: { failFast: true } });
    expect(await scenario.store.run(atOnce)).toMatchObject({ state: "failed", reason: "fail_fast" });
    await scenario.store.clear({ run: atOnce, tasks: [], actor: "anna" });
    expect(await scenario.store.run(atOnce)).toMatchObject({ state: "failed", reason: "fail_fast" });
    const sketch: PipelineSketch = { a: {}, each: { after: ["a"], over, map: { limit: 1 } }, other: {} };
    const marked = await scenario.start(sketch, { spec: { failFast: true } });
    await scenario.store.mark({ run: marked, tasks: [{ name: "a" }], as: "success", actor: "anna" });
    expect(await scenario.store.run(marked)).toMatchObject({ state: "failed", reason: "fail_fast" });
  });

  test("RS-5: what is marked as failed by hand ends nothing else", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} }, { spec: { failFast: true } });
    await scenario.store.mark({ run, tasks: [{ name: "a" }], as: "failed", actor: "anna" });
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "queued" });
    await scenario.runOut();
    expect(await scenario.states(run)).toEqual({ a: "failed", b: "success" });
  });

  test("RS-5: with nothing else running it fails in the same transaction", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: {} }, { spec: { failFast: true } });
    const { finishedRuns } = await scenario.end(await scenario.claim(1), FAILED);
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "fail_fast" });
    expect(finishedRuns).toEqual([{ runId: run, state: "failed" }]);
  });
}
