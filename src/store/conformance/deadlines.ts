import { expect, test } from "vitest";
import type { DeadlineSpec } from "../../core/deadline/deadline-spec.ts";
import type { EventBody } from "../event-body.ts";
import type { RunId } from "../store.ts";
import { FAILED, type RunSketch, retrying, Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Where the clock of a scenario stands at first. */
const NEW_YEAR = Date.UTC(2026, 0, 1);
const WITHIN_2H: DeadlineSpec = { kind: "within", ms: 2 * HOUR };
const BY_8: DeadlineSpec = { kind: "by", minute: 8 * 60, day: 0 };
const USUAL: DeadlineSpec = { kind: "slower_than", factor: 1.5, of: 30 };

export function testDeadlines(subject: Subject): void {
  test("a run that is late is told once, with what it waits for; not again after a restart, nor when it is later still", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: {}, b: { after: ["a"] } }, ofRun(WITHIN_2H));
    await scenario.claim();
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 2 * HOUR });
    scenario.clock.advance(2 * HOUR - 1);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 1 });
    scenario.clock.advance(1);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 1 });
    const missed = {
      ...{ deadline: "within 2 h 00 min", dueAt: NEW_YEAR + 2 * HOUR },
      waitsFor: ["a has been running for 2 h 00 min, attempt 1"],
    };
    expect(await misses(scenario, run)).toEqual([{ kind: "deadline_missed", ...missed }]);
    expect(await scenario.store.missedDeadlines([run])).toEqual([
      { runId: run, missedAt: NEW_YEAR + 2 * HOUR, ...missed },
    ]);
    scenario.clock.advance(DAY);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0 });
    expect(await scenario.runState(run)).toBe("running");
    await scenario.runOut();
    expect(await misses(scenario, run)).toHaveLength(1);
  });

  test("what has ended in time is never late, also when nobody was there to look", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(
      { a: { deadlines: [WITHIN_2H] }, b: { after: ["a"] } },
      ofRun({ kind: "within", ms: DAY }),
    );
    await scenario.end(await scenario.claim(), SUCCESS);
    scenario.clock.advance(3 * HOUR);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 21 * HOUR });
    await scenario.runOut();
    scenario.clock.advance(2 * DAY);
    await scenario.store.fireTimers();
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0 });
    expect(await misses(scenario, run)).toEqual([]);
    expect(await scenario.store.missedDeadlines([run])).toEqual([]);
  });

  test("a run that waits for its place or whose pipeline is paused is late all the same, and the miss says so", async () => {
    await using scenario = await Scenario.begin(subject);
    const [, waiting] = await scenario.startMany([{ a: {} }, { a: {} }], { ...ofRun(WITHIN_2H, { maxRuns: 1 }) });
    await scenario.store.pausePipeline({ project: "shop", pipeline: "daily", actor: "anna", reason: "it moves" });
    scenario.clock.advance(2 * HOUR);
    await fireAll(scenario);
    const [miss] = await scenario.store.missedDeadlines([waiting?.id ?? ""]);
    expect(miss?.waitsFor).toEqual([
      "its pipeline is paused since 2026-01-01T00:00:00Z by anna (it moves)",
      "the run waits for its place",
      "a waits for its upstream",
    ]);
  });

  test("a task counts from the start of its run, over retries and back-offs", async () => {
    await using scenario = await Scenario.begin(subject);
    const tasks = { a: { deadlines: [WITHIN_2H] }, b: {} };
    const [first, run] = (await scenario.startMany([tasks, tasks], { spec: { maxRuns: 1 } })).map(({ id }) => id);
    scenario.clock.advance(HOUR);
    await scenario.end(await scenario.claim(10, { runs: [first ?? ""] }), SUCCESS);
    await scenario.store.admitRuns();
    await scenario.end(await scenario.claim(), retrying(3 * HOUR));
    scenario.clock.advance(HOUR);
    expect((await fireAll(scenario)).fired).toBe(0);
    scenario.clock.advance(HOUR);
    expect((await fireAll(scenario)).fired).toBe(1);
    expect(await misses(scenario, run ?? "")).toMatchObject([
      {
        ...{ taskIndex: 0, task: "a", deadline: "within 2 h 00 min", dueAt: NEW_YEAR + 3 * HOUR },
        waitsFor: ["a waits for its back-off after attempt 1, over in 1 h 00 min"],
      },
    ]);
  });

  test("a clock time is that of the day on which the interval ends, in the zone of the deadline or of the run", async () => {
    await using scenario = await Scenario.begin(subject);
    const end = NEW_YEAR;
    const zurich: DeadlineSpec = { kind: "by", minute: 8 * 60, timezone: "Europe/Zurich", day: 1 };
    const run = await scenario.start(
      { a: {} },
      { ...ofRun(BY_8, {}, zurich), interval: { start: end - DAY, end }, trigger: "schedule" },
    );
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 8 * HOUR });
    scenario.clock.advance(8 * HOUR);
    await fireAll(scenario);
    scenario.clock.advance(23 * HOUR);
    await fireAll(scenario);
    expect(await misses(scenario, run)).toMatchObject([
      { deadline: "by 08:00", dueAt: end + 8 * HOUR },
      { deadline: "by 08:00 of the next day (Europe/Zurich)", dueAt: end + 31 * HOUR },
    ]);
  });

  test("a moment that is over when the run is created counts for a run of the schedule alone", async () => {
    await using scenario = await Scenario.begin(subject);
    const old = { ...ofRun(BY_8), interval: { start: NEW_YEAR - 30 * DAY, end: NEW_YEAR - 29 * DAY } };
    const backfill = await scenario.start({ a: {} }, { ...old, trigger: "backfill" });
    const late = await scenario.start({ a: {} }, { ...old, trigger: "schedule" });
    await fireAll(scenario);
    expect(await misses(scenario, backfill)).toEqual([]);
    expect(await misses(scenario, late)).toHaveLength(1);
  });

  test("before the next interval means the next tick of the run's own schedule", async () => {
    await using scenario = await Scenario.begin(subject);
    const timing = { kind: "cron", expression: "0 6 * * *" } as const;
    const common = { timezone: "UTC", catchUp: "latest", graceMs: 0, enabled: true, params: {} } as const;
    const schedules = [
      { ...common, name: "hourly", timing: { kind: "every", ms: HOUR } as const },
      { ...common, name: "main", timing },
    ];
    const sketch = {
      ...ofRun({ kind: "before_next" }, { schedules }),
      interval: { start: NEW_YEAR - DAY, end: NEW_YEAR },
    };
    await scenario.start({ a: {} }, { ...sketch, schedule: "main" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 6 * HOUR });
    await scenario.start({ a: {} }, { ...sketch, schedule: "hourly" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR });
    await scenario.start({ a: {} }, { ...sketch, pipeline: "unscheduled" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR });
  });

  test("slower than usual: 95 of 100 of the last successful runs, times the factor, from the start of run and task", async () => {
    await using scenario = await Scenario.begin(subject);
    const tasks = { a: {}, b: { after: ["a"], deadlines: [USUAL] } };
    const start = () => scenario.start(tasks, ofRun(USUAL));
    const took = async (minutes: number) => {
      for (const part of [1, 1]) {
        const claims = await scenario.claim();
        scenario.clock.advance((minutes * MINUTE * part) / 2);
        await scenario.end(claims, SUCCESS);
      }
    };
    for (const minutes of [10, 20, 10, 10]) {
      await start();
      await took(minutes);
    }
    await start();
    expect(await scenario.store.fireTimers(), "four runs say nothing yet").toEqual({ fired: 0 });
    await took(10);
    const run = await start();
    const first = await scenario.claim();
    // Usual are 20 minutes for the run, 10 for the task.
    scenario.clock.advance(29 * MINUTE);
    expect((await fireAll(scenario)).fired).toBe(0);
    await scenario.end(first, SUCCESS);
    await scenario.claim();
    scenario.clock.advance(MINUTE);
    expect((await fireAll(scenario)).fired).toBe(1);
    expect(await misses(scenario, run)).toMatchObject([{ deadline: "within 30 min 00 s, 1.5 times the usual" }]);
    scenario.clock.advance(13 * MINUTE);
    expect((await fireAll(scenario)).fired).toBe(0);
    scenario.clock.advance(MINUTE);
    expect((await fireAll(scenario)).fired).toBe(1);
    expect((await misses(scenario, run)).slice(1)).toMatchObject([{ task: "b", dueAt: scenario.clock.wall() }]);
  });

  test("a mapped task is late as long as one of its items has not ended", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ each: { over: [1, 2], deadlines: [WITHIN_2H] } });
    const [one] = await scenario.claim();
    if (one === undefined) throw new Error("Nothing claimed");
    await scenario.exchange([[one, SUCCESS]]);
    scenario.clock.advance(2 * HOUR);
    expect((await fireAll(scenario)).fired).toBe(1);
    expect(await misses(scenario, run)).toMatchObject([
      { task: "each", waitsFor: ["each[1] has been running for 2 h 00 min, attempt 1"] },
    ]);
  });

  test("a new generation has its time anew; a retry has not, and a moment of the clock comes once", async () => {
    await using scenario = await Scenario.begin(subject);
    const tasks = { a: { deadlines: [WITHIN_2H] }, b: { deadlines: [WITHIN_2H] } };
    const sketch = { ...ofRun(WITHIN_2H, {}, BY_8), interval: { start: NEW_YEAR - DAY, end: NEW_YEAR } };
    const run = await scenario.start(tasks, sketch);
    const claims = await scenario.claim();
    scenario.clock.advance(9 * HOUR);
    await fireAll(scenario);
    expect(await misses(scenario, run)).toHaveLength(4);
    await scenario.end(claims, FAILED);
    await scenario.store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.store.missedDeadlines([run])).toMatchObject([{ deadline: "by 08:00" }, { task: "b" }]);
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 2 * HOUR });
    scenario.clock.advance(2 * HOUR);
    await fireAll(scenario);
    const again = (await misses(scenario, run)).slice(4);
    expect(again).toMatchObject([{ deadline: "within 2 h 00 min" }, { task: "a" }]);
    expect(again[0]).not.toHaveProperty("task");
    expect(again.map(({ dueAt }) => dueAt)).toEqual([scenario.clock.wall(), scenario.clock.wall()]);
  });

  test("a task that is cleared while its run goes on counts from then, not from the start of the run", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { deadlines: [WITHIN_2H] }, b: {} });
    const [a] = await scenario.claim();
    if (a === undefined) throw new Error("Nothing claimed");
    await scenario.end([a], SUCCESS);
    scenario.clock.advance(HOUR);
    await scenario.store.clear({ run, tasks: [{ name: "a" }], actor: "anna" });
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: 2 * HOUR });
    scenario.clock.advance(HOUR);
    expect((await fireAll(scenario)).fired).toBe(0);
    // Whoever looks early finds when it is late.
    await scenario.opened.rows("update deadline set due_at = since where due_at is not null returning 1");
    expect(await scenario.store.fireTimers()).toEqual({ fired: 0, nextInMs: HOUR });
    scenario.clock.advance(HOUR);
    expect((await fireAll(scenario)).fired).toBe(1);
    expect(await misses(scenario, run)).toMatchObject([{ task: "a", dueAt: NEW_YEAR + 3 * HOUR }]);
  });

  test("a run that is cancelled has nothing to be late for", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({ a: { deadlines: [WITHIN_2H] } }, ofRun(WITHIN_2H));
    await scenario.store.cancelRun(run, "anna");
    scenario.clock.advance(DAY);
    await fireAll(scenario);
    expect(await scenario.runState(run)).toBe("cancelled");
    expect(await misses(scenario, run)).toEqual([]);
    expect(await scenario.opened.rows("select task_index from deadline where due_at is not null")).toEqual([]);
  });

  test("only the tasks of a partial run have deadlines, and a pipeline without them has no rows", async () => {
    await using scenario = await Scenario.begin(subject);
    await scenario.start({ a: { deadlines: [WITHIN_2H] }, b: { deadlines: [WITHIN_2H] } }, { only: [1] });
    await scenario.start({ a: {} }, { pipeline: "plain" });
    expect(await scenario.opened.rows("select task_index from deadline")).toEqual([{ task_index: 1 }]);
  });
}

function ofRun(deadline: DeadlineSpec, spec: RunSketch["spec"] = {}, ...more: readonly DeadlineSpec[]): RunSketch {
  return { spec: { ...spec, deadlines: [deadline, ...more] } };
}

/** Run after run, as the duty does. */
async function fireAll({ store }: Scenario): Promise<{ readonly fired: number }> {
  let fired = 0;
  for (;;) {
    const turn = await store.fireTimers();
    fired += turn.fired;
    if (turn.nextInMs === undefined || turn.nextInMs > 0) return { fired };
  }
}

type Miss = Extract<EventBody, { kind: "deadline_missed" }>;

async function misses(scenario: Scenario, run: RunId): Promise<readonly Miss[]> {
  return (await scenario.events(run)).flatMap(({ body }) => (body.kind === "deadline_missed" ? [body] : []));
}
