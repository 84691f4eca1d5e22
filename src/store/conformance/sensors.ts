import { expect, test } from "vitest";
import type { SensorSpec } from "../../core/manifest.ts";
import type { Poll, PollClaim, PollResult } from "../watch-records.ts";
import type { PipelineSketch, TaskSketch } from "./pipelines.ts";
import { FAILED, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const DONE = { kind: "success", output: { kind: "inline", json: '["in/a.csv"]' } } as const;
const NOT_YET = { kind: "not_yet", waitMs: 5_000, seen: "nothing yet" } as const;
const ERROR = { kind: "error", waitMs: 20_000, failure: { reason: "error", message: "No route to host" } } as const;
const BROKEN = { kind: "failed", failure: { reason: "error", message: "Ten polls went wrong." } } as const;

const WAIT: PipelineSketch = { wait: sensor(), load: { after: ["wait"] } };

/** Sensors: task runs that wait for something, and hold nothing meanwhile (WT-1). */
export function testSensors(subject: Subject): void {
  test("WT-1, CC-4, ST-2: a sensor waits at once, holds no slot, and gives its value to what comes after it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    expect(await scenario.taskRun(run, "wait")).toMatchObject({ state: "deferred", reason: "sensor", attempt: 0 });
    expect(await scenario.claim()).toEqual([]);
    expect(await scenario.store.failStalledRuns()).toEqual([]);
    const [first] = await polls(scenario);
    expect(first).toMatchObject({ runId: run, taskIndex: 0, mapKey: "", polls: 0, errors: 0 });
    expect(await report(scenario, [first, NOT_YET])).toEqual(["accepted"]);
    expect(await scenario.store.watches(run)).toMatchObject([
      { taskIndex: 0, polls: 1, errors: 0, seen: "nothing yet" },
    ]);
    expect(await polls(scenario)).toEqual([]);
    scenario.clock.advance(5_000);
    const [second] = await polls(scenario);
    expect(second).toMatchObject({ polls: 1 });
    expect(await report(scenario, [second, DONE])).toEqual(["accepted"]);
    expect(await scenario.states(run)).toEqual({ wait: "success", load: "queued" });
    expect(await scenario.store.outputs(run, [0])).toEqual(new Map([[0, { kind: "inline", json: '["in/a.csv"]' }]]));
    expect(await scenario.edges(run, "wait")).toEqual(["scheduled>deferred", "deferred>success"]);
    expect(await scenario.store.watches(run)).toEqual([]);
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("WT-1: a sensor begins to watch when its rule passes, and whoever completes its upstream is told", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, wait: { ...sensor(), after: ["a"] } });
    expect(await polls(scenario)).toEqual([]);
    expect(await scenario.end(await scenario.claim(), SUCCESS)).toMatchObject({ watchesBegun: true });
    expect(await scenario.states(run)).toEqual({ a: "success", wait: "deferred" });
    expect(await polls(scenario)).toHaveLength(1);
  });

  test("WT-1: polls are taken by queue and by run, the longest due first, no more than asked for", async () => {
    await using scenario = await Scenario.begin(subject);
    const first = await scenario.start({ wait: sensor() });
    scenario.clock.advance(1);
    const second = await scenario.start({ wait: sensor(), far: { ...sensor(), queue: "far" } });
    expect(await polls(scenario, { queues: ["elsewhere"] })).toEqual([]);
    expect(await polls(scenario, { project: "other" })).toEqual([]);
    expect(await polls(scenario, { session: "gone" })).toEqual([]);
    expect((await polls(scenario, { limit: 1 })).map(({ runId }) => runId)).toEqual([first]);
    expect((await polls(scenario, { runs: [first] })).map(({ runId }) => runId)).toEqual([]);
    const rest = await polls(scenario, { runs: [second], queues: ["default", "far"] });
    expect(rest.map(({ runId, taskIndex }) => [runId, taskIndex])).toEqual([
      [second, 0],
      [second, 1],
    ]);
  });

  test("B41, B02: a poll is taken once, and one that is never reported is due again when its time is over", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    const [lost] = await polls(scenario);
    expect(await polls(scenario)).toEqual([]);
    expect(await claimed(scenario)).toMatchObject({ polls: [], nextInMs: 40_000 });
    scenario.clock.advance(39_999);
    expect(await polls(scenario)).toEqual([]);
    scenario.clock.advance(1);
    const [next] = await polls(scenario);
    expect(next?.token).toBeGreaterThan(lost?.token ?? 0);
    expect(await report(scenario, [lost, DONE])).toEqual(["stale"]);
    expect(await report(scenario, [lost, NOT_YET])).toEqual(["stale"]);
    expect(await scenario.taskRun(run, "wait")).toMatchObject({ state: "deferred" });
    expect(await report(scenario, [next, DONE])).toEqual(["accepted"]);
    expect(await report(scenario, [next, DONE])).toEqual(["stale"]);
  });

  test("B41: what a session has taken and not reported is due at once when the session is reaped, and what it has is not", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ reported: sensor(), taken: sensor() });
    const [reported, taken] = await polls(scenario);
    await report(scenario, [reported, NOT_YET]);
    const dead = scenario.session;
    scenario.session = await scenario.openSession("session-2");
    await scenario.store.reapSessions([dead]);
    const again = await polls(scenario);
    expect(again.map(({ taskRunKey, deadline }) => [taskRunKey, deadline])).toEqual([
      [taken?.taskRunKey, taken?.deadline],
    ]);
    expect(await report(scenario, [taken, DONE])).toEqual(["stale"]);
  });

  test("I29, B39: the deadline is fixed by the first poll and never moves: not by lost polls, errors or restarts", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    scenario.clock.advance(1_000_000);
    // Nobody has looked yet, so no time has been lost.
    expect(await scenario.store.expireWatches()).toEqual({ expired: 0 });
    const [lost] = await polls(scenario);
    const deadline = scenario.clock.wall() + 3_600_000;
    expect(lost?.deadline).toBe(deadline);
    for (const result of [undefined, ERROR, NOT_YET, ERROR] as const) {
      scenario.clock.advance(600_000);
      await scenario.store.reapSessions([scenario.session]);
      scenario.session = await scenario.openSession(`session-at-${scenario.clock.wall()}`);
      const [poll] = await polls(scenario);
      expect(poll?.deadline).toBe(deadline);
      if (result !== undefined) await report(scenario, [poll, result]);
    }
    expect(await scenario.store.expireWatches()).toEqual({ expired: 0, nextInMs: 1_200_000 });
    scenario.clock.advance(1_200_000);
    expect(await scenario.store.expireWatches()).toEqual({ expired: 1 });
    const message = expect.stringMatching(/^It has waited 1 h 00 min for .+; the last look went wrong: /);
    const failure = { reason: "timeout", message, hint: expect.stringContaining("timeout") };
    expect(await scenario.taskRun(run, "wait")).toMatchObject({ state: "failed", reason: "timeout", failure });
    expect(await scenario.states(run)).toMatchObject({ load: "upstream_failed" });
    expect(await scenario.runState(run)).toBe("failed");
  });

  test("WT-1: on time-out a sensor is skipped when asked, and what comes after it follows by its rule", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      wait: sensor({ onTimeout: "skip" }),
      load: { after: ["wait"] },
      report: { after: ["wait"], when: "all_done" },
    });
    await polls(scenario);
    scenario.clock.advance(3_600_000);
    expect(await scenario.store.expireWatches()).toEqual({ expired: 1 });
    expect(await scenario.states(run)).toEqual({ wait: "skipped", load: "skipped", report: "queued" });
    expect(await scenario.taskRun(run, "wait")).toMatchObject({ reason: "sensor_timeout" });
    expect(await scenario.store.expireWatches()).toEqual({ expired: 0 });
  });

  test("WT-1: a time-out is final, and so are errors past their limit: the policy of the task tries nothing again", async () => {
    await using scenario = await Scenario.begin(subject);
    const retries = { limit: 3, delay: { kind: "fixed", ms: 0 }, jitter: 0 } as const;
    const run = await scenario.start({ late: { ...sensor(), retries }, broken: { ...sensor(), retries } });
    const [, broken] = await polls(scenario);
    await report(scenario, [broken, BROKEN]);
    scenario.clock.advance(3_600_000);
    await scenario.store.expireWatches();
    expect(await scenario.states(run)).toEqual({ late: "failed", broken: "failed" });
    expect(await scenario.taskRun(run, "broken")).toMatchObject({
      attempt: 0,
      failure: { message: BROKEN.failure.message },
    });
    const letters = await scenario.store.deadLetters({ project: "shop", limit: 9 });
    expect(letters.map(({ task }) => task).sort()).toEqual(["broken", "late"]);
  });

  test("WT-1: errors in a row are counted and shown, and forgotten with the next poll that goes well", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    await report(scenario, [(await polls(scenario))[0], { ...NOT_YET, memory: { size: 7 } }]);
    for (const errors of [1, 2]) {
      scenario.clock.advance(20_000);
      await report(scenario, [(await polls(scenario))[0], ERROR]);
      const failure = { reason: "error", message: "No route to host" };
      expect(await scenario.store.watches(run)).toMatchObject([{ errors, failure, seen: "nothing yet" }]);
    }
    scenario.clock.advance(20_000);
    const [poll] = await polls(scenario);
    expect(poll).toMatchObject({ polls: 3, errors: 2, memory: { size: 7 } });
    await report(scenario, [poll, NOT_YET]);
    const [watch] = await scenario.store.watches(run);
    expect(watch).toMatchObject({ polls: 4, errors: 0 });
    expect(watch).not.toHaveProperty("failure");
  });

  test("WT-1, DM-1: each item of a mapped sensor waits on its own, also in a group; the join waits for all", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({
      wait: { ...sensor(), over: ["a", "b"] },
      join: { after: ["wait"] },
      start: { startOf: "g", over: [1, 2] },
      watch: { ...sensor(), in: "g", after: ["start"], gates: ["start"] },
      use: { in: "g", after: ["watch"], gates: ["start"] },
    });
    const all = await polls(scenario);
    expect(all.map(({ taskIndex, mapKey }) => `${taskIndex}[${mapKey}]`).sort()).toEqual([
      "0[0]",
      "0[1]",
      "3[0]",
      "3[1]",
    ]);
    await report(scenario, ...all.filter(({ mapKey }) => mapKey === "1").map((poll) => [poll, DONE] as const));
    expect(scenario.names(await scenario.claim())).toEqual(["use"]);
    expect(await scenario.states(run)).toMatchObject({ join: "scheduled" });
    await report(scenario, ...all.filter(({ mapKey }) => mapKey === "0").map((poll) => [poll, DONE] as const));
    expect(await scenario.states(run)).toMatchObject({ join: "queued" });
  });

  test("B40, I10: when an upstream is cleared meanwhile the sensor asks its rule again, and hears no earlier poll", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, wait: { ...sensor(), after: ["a"] } });
    await scenario.end(await scenario.claim(), SUCCESS);
    const [before] = await polls(scenario);
    await scenario.store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.states(run)).toEqual({ a: "queued", wait: "scheduled" });
    expect(await report(scenario, [before, DONE])).toEqual(["stale"]);
    scenario.clock.advance(1_000);
    await scenario.end(await scenario.claim(), SUCCESS);
    expect(await scenario.states(run)).toEqual({ a: "success", wait: "deferred" });
    expect(await report(scenario, [before, DONE])).toEqual(["stale"]);
    const [after] = await polls(scenario);
    expect(await report(scenario, [before, DONE], [after, DONE])).toEqual(["stale", "accepted"]);
  });

  test("I29: a mark that leaves the rule as it was does not begin the wait anew", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, wait: { ...sensor(), after: ["a"], when: "all_done" } });
    await scenario.end(await scenario.claim(), SUCCESS);
    const [before] = await polls(scenario);
    scenario.clock.advance(50_000);
    await scenario.store.mark({ run, tasks: [{ name: "a" }], as: "failed", actor: "anna" });
    expect(await scenario.states(run)).toMatchObject({ wait: "deferred" });
    expect((await scenario.store.watches(run))[0]?.deadline).toBe(before?.deadline);
  });

  test("ST-1: a sensor that has ended waits anew when it is cleared, with another deadline", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    const [first] = await polls(scenario);
    await report(scenario, [first, DONE]);
    scenario.clock.advance(1_000);
    await scenario.store.clear({ run, tasks: [{ name: "wait" }], actor: "anna" });
    expect(await scenario.taskRun(run, "wait")).toMatchObject({ state: "deferred", generation: 2 });
    expect(await report(scenario, [first, DONE])).toEqual(["stale"]);
    const [second] = await polls(scenario);
    expect(second).toMatchObject({ generation: 2, deadline: (first?.deadline ?? 0) + 1_000 });
  });

  test("RS-7: cancelling the run, the sensor or marking it ends its wait, and no poll of it counts any more", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await scenario.startMany([WAIT, WAIT, WAIT]);
    const [one = "", two = "", three = ""] = runs.map(({ id }) => id);
    const all = await polls(scenario);
    await scenario.store.cancelRun(one, "anna");
    await scenario.store.stop({ run: two, tasks: [{ name: "wait" }], how: "cancel", actor: "anna" });
    await scenario.store.mark({ run: three, tasks: [{ name: "wait" }], as: "success", actor: "anna" });
    expect(await report(scenario, ...all.map((poll) => [poll, DONE] as const))).toEqual(["stale", "stale", "stale"]);
    expect(await scenario.states(one)).toEqual({ wait: "cancelled", load: "cancelled" });
    expect(await scenario.states(two)).toMatchObject({ wait: "cancelled" });
    expect(await scenario.states(three)).toEqual({ wait: "success", load: "queued" });
    scenario.clock.advance(3_600_000);
    expect(await scenario.store.expireWatches()).toEqual({ expired: 0 });
  });

  test("RS-5, GR-1: the first failure of the run or of the group ends the wait; a sensor's own failure does the same", async () => {
    await using scenario = await Scenario.begin(subject);
    const failFast = { spec: { failFast: true } } as const;
    const ended = await scenario.start({ a: {}, wait: sensor() }, failFast);
    await scenario.end(await scenario.claim(), FAILED);
    expect(await scenario.states(ended)).toEqual({ a: "failed", wait: "cancelled" });
    const failed = await scenario.start({ wait: sensor(), other: sensor(), a: {} }, failFast);
    const [poll] = await polls(scenario);
    await report(scenario, [poll, BROKEN]);
    expect(await scenario.states(failed)).toEqual({ wait: "failed", other: "cancelled", a: "cancelled" });
    expect(await scenario.runState(failed)).toBe("failed");
    const groupRetries = { limit: 1, delay: { kind: "fixed", ms: 0 }, jitter: 0 } as const;
    const grouped = await scenario.start({
      start: { startOf: "g" },
      watch: { ...sensor(), in: "g", after: ["start"], gates: ["start"] },
      end: { endOf: "g", after: ["watch"], when: "all_done", groupRetries },
    });
    await report(scenario, [(await polls(scenario))[0], BROKEN]);
    await scenario.store.releaseRetries();
    expect(await scenario.taskRun(grouped, "watch")).toMatchObject({ state: "deferred", generation: 2 });
    await report(scenario, [(await polls(scenario))[0], DONE]);
    expect(await scenario.runState(grouped)).toBe("success");
  });

  test("RS-4: the run's own time-out ends the wait before its deadline", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT, { spec: { runTimeoutMs: 60_000 } });
    const [poll] = await polls(scenario);
    scenario.clock.advance(60_000);
    expect(await scenario.store.fireTimers()).toMatchObject({ fired: 1 });
    expect(await scenario.store.run(run)).toMatchObject({ state: "failed", reason: "timeout" });
    expect(await report(scenario, [poll, DONE])).toEqual(["stale"]);
  });

  test("B40: a paused pipeline goes on looking, starts nothing, and what waited for the sensor goes on when resumed", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(WAIT);
    const pause = { project: "shop", pipeline: "daily", actor: "anna" };
    await scenario.store.pausePipeline(pause);
    await report(scenario, [(await polls(scenario))[0], DONE]);
    expect(await scenario.states(run)).toEqual({ wait: "success", load: "queued" });
    expect(await scenario.claim()).toEqual([]);
    await scenario.store.resumePipeline(pause);
    expect(scenario.names(await scenario.claim())).toEqual(["load"]);
  });

  test("CC-1: a run that waits for its place watches nothing until it begins", async () => {
    await using scenario = await Scenario.begin(subject);
    const one = { spec: { maxRuns: 1 } };
    const first = await scenario.start(WAIT, one);
    const second = await scenario.start(WAIT, one);
    expect((await polls(scenario)).map(({ runId }) => runId)).toEqual([first]);
    await scenario.store.cancelRun(first, "anna");
    expect(await scenario.store.admitRuns()).toEqual([second]);
    expect((await polls(scenario)).map(({ runId }) => runId)).toEqual([second]);
  });

  test("WT-1: runs of another pipeline are found by the intervals they meet, the newest first", async () => {
    await using scenario = await Scenario.begin(subject);
    const day = (number: number): { readonly start: number; readonly end: number } => {
      return { start: number * 86_400_000, end: (number + 1) * 86_400_000 };
    };
    await scenario.start({ a: {} }, { pipeline: "orders", interval: day(1) });
    const second = await scenario.start({ a: {} }, { pipeline: "orders", interval: day(2) });
    await scenario.end(await scenario.claim(), SUCCESS);
    const again = await scenario.start({ a: {} }, { pipeline: "orders", interval: day(2) });
    await scenario.start({ a: {} }, { pipeline: "orders", interval: day(9) });
    await scenario.start({ a: {} }, { pipeline: "other", interval: day(2) });
    const wanted = { start: day(2).start + 1, end: day(2).end };
    const found = await scenario.store.runsMeeting({ project: "shop", pipeline: "orders" }, wanted);
    expect(found).toEqual([
      { id: again, state: "running", ...day(2) },
      { id: second, state: "success", ...day(2) },
    ]);
    expect(await scenario.store.runsMeeting({ project: "shop", pipeline: "none" }, wanted)).toEqual([]);
  });

  test("B33: many reports of one run and of several are one answer each, in their order", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await scenario.startMany([WAIT, { wait: sensor(), other: sensor() }]);
    const all = await polls(scenario);
    const stranger = { taskRunKey: 999_999, generation: 1, token: 1 } as Poll;
    const results = [DONE, ERROR, NOT_YET] as const;
    const reports = all.map((poll, index) => [poll, results[index] ?? DONE] as const);
    expect(await report(scenario, [stranger, DONE], ...reports, [stranger, NOT_YET])).toEqual([
      ...["stale", "accepted", "accepted", "accepted", "stale"],
    ]);
    const states = await Promise.all(runs.map(({ id }) => scenario.states(id)));
    expect(states.flatMap((state) => Object.values(state)).filter((state) => state === "deferred")).toHaveLength(2);
  });
}

function sensor(more: Partial<SensorSpec> = {}): TaskSketch {
  const plain: SensorSpec = {
    kind: "file",
    by: "host",
    config: { path: "in/*.csv" },
    pollEvery: { firstMs: 5_000, factor: 1, maxMs: 5_000 },
    timeoutMs: 3_600_000,
    onTimeout: "fail",
    pollTimeoutMs: 30_000,
    errorsMax: 10,
  };
  return { kind: "file", execution: { via: "sensor", sensor: { ...plain, ...more } } };
}

async function claimed({ store, session }: Scenario, more: Partial<PollClaim> = {}) {
  return store.claimPolls({ session, project: "shop", queues: ["default"], limit: 100, ...more });
}

/** In the order of their runs and tasks. */
async function polls(scenario: Scenario, more: Partial<PollClaim> = {}): Promise<readonly Poll[]> {
  const taken = await claimed(scenario, more);
  return [...taken.polls].sort((one, other) => one.taskRunKey - other.taskRunKey);
}

async function report(
  { store }: Scenario,
  ...results: readonly (readonly [Poll | undefined, PollResult])[]
): Promise<readonly string[]> {
  const reports = results.map(([poll, result]) => {
    if (poll === undefined) throw new Error("No poll was due");
    const { taskRunKey, generation, token } = poll;
    return { taskRunKey, generation, token, result };
  });
  return (await store.reportPolls(reports)).reports;
}

/** For the tests of every statement. */
export async function watchAndReport(scenario: Scenario): Promise<void> {
  const run = await scenario.start({ wait: sensor(), other: sensor(), late: sensor() }, { pipeline: "watching" });
  const all = await polls(scenario);
  await polls(scenario, { runs: [run] });
  await report(scenario, ...all.slice(0, 1).map((poll) => [poll, NOT_YET] as const));
  await report(scenario, ...all.slice(1, 2).map((poll) => [poll, DONE] as const));
  await scenario.store.watches(run);
  await scenario.store.runsMeeting({ project: "shop", pipeline: "watching" }, { start: 0, end: 1 });
  scenario.clock.advance(3_600_000);
  await polls(scenario, { runs: [run] });
  await scenario.store.expireWatches();
}
