import { expect, test } from "vitest";
import { BatutaError } from "../../core/problem.ts";
import type { EventBody } from "../event-body.ts";
import type { RunRecord } from "../store.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import { deploySchedules, scheduleOf } from "./schedule-sketch.ts";
import type { Subject } from "./subject.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Where the clock of the tests begins. */
const BEGIN = Date.UTC(2026, 0, 1);

export function testSchedules(subject: Subject): void {
  test("TI-3: a tick makes one run of its interval, and the mark moves with it", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, {
      daily: [scheduleOf({ params: { region: "eu" }, timezone: "America/New_York" })],
    });
    expect(await scenario.store.fireSchedules()).toEqual({ created: 0, nextInMs: 0 });
    expect(await scenario.store.fireSchedules()).toEqual({ created: 0, nextInMs: HOUR });
    scenario.clock.advance(HOUR);
    expect(await scenario.store.fireSchedules()).toEqual({ created: 1, nextInMs: 0 });
    expect(await scenario.store.fireSchedules()).toEqual({ created: 0, nextInMs: HOUR });
    const [run] = await runs(scenario);
    expect(run).toMatchObject({
      ...{ pipeline: "daily", trigger: "schedule", schedule: "main", params: { region: "eu" }, state: "running" },
      ...{ interval: { start: BEGIN, end: BEGIN + HOUR }, ds: "2025-12-31", timezone: "America/New_York" },
      actor: "schedule main",
    });
    expect(run?.isPartial).toBeUndefined();
    expect(await scenario.store.schedules("shop")).toMatchObject([
      { mark: BEGIN + HOUR, nextAt: BEGIN + 2 * HOUR, lastRun: run?.id },
    ]);
    expect(await scenario.claim()).toHaveLength(1);
  });

  test("TI-3, B08, I17: whoever races, an interval has one run", async () => {
    await using scenario = await Scenario.begin(subject);
    const names = Array.from({ length: 5 }, (_, n) => `p${n}`);
    await deploySchedules(scenario, Object.fromEntries(names.map((name) => [name, [scheduleOf()]])));
    await fireAll(scenario);
    const other = (await scenario.opened.another()) ?? scenario.store;
    for (let hour = 1; hour <= 6; hour++) {
      scenario.clock.advance(HOUR);
      const stores = [scenario.store, other, scenario.store, other];
      const fired = await Promise.all(stores.map((store) => store.fireSchedules()));
      expect(fired.reduce((sum, { created }) => sum + created, 0)).toBe(names.length);
    }
    const made = await runs(scenario);
    expect(new Set(made.map(({ pipeline, interval }) => `${pipeline} ${interval.end}`)).size).toBe(6 * names.length);
    expect(made).toHaveLength(6 * names.length);
  });

  test("TI-4, I18: after a downtime the newest is made up for, and what is left out is recorded and told", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    await fireAll(scenario);
    scenario.clock.advance(5 * HOUR + 30 * MINUTE);
    await fireAll(scenario);
    expect((await runs(scenario)).map(({ interval }) => interval.end)).toEqual([BEGIN + 5 * HOUR]);
    const name = { project: "shop", pipeline: "daily", schedule: "main" };
    const gap = { reason: "missed", from: BEGIN, to: BEGIN + 4 * HOUR, ticks: 4 } as const;
    expect(await scenario.store.scheduleGaps(name, 10)).toEqual([gap]);
    const told = (await scenario.events()).filter(({ body }) => body.kind === "ticks_left_out");
    expect(told).toEqual([expect.objectContaining({ body: { kind: "ticks_left_out", ...name, ...gap } })]);
    expect(told[0]?.runId).toBeUndefined();
  });

  test("TI-8: ticks that a calendar leaves out are recorded as one range, which grows", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf({ filter: { holidays: ["2026-01-01"] } })] });
    await fireAll(scenario);
    for (let hour = 1; hour <= 3; hour++) {
      scenario.clock.advance(HOUR);
      await fireAll(scenario);
    }
    expect(await runs(scenario)).toEqual([]);
    expect(await scenario.store.scheduleGaps({ project: "shop", pipeline: "daily", schedule: "main" }, 10)).toEqual([
      { reason: "calendar", from: BEGIN, to: BEGIN + 3 * HOUR, ticks: 3 },
    ]);
  });

  test("TI-5: two schedules of a pipeline on the same instant give one run each", async () => {
    await using scenario = await Scenario.begin(subject);
    const twoHours = { kind: "every", ms: 2 * HOUR } as const;
    await deploySchedules(scenario, { daily: [scheduleOf(), scheduleOf({ name: "slow", timing: twoHours })] });
    await fireAll(scenario);
    scenario.clock.advance(2 * HOUR);
    await fireAll(scenario);
    const made = await runs(scenario);
    expect(made.filter(({ interval }) => interval.end === BEGIN + 2 * HOUR).map(({ schedule }) => schedule)).toEqual(
      expect.arrayContaining(["main", "slow"]),
    );
    expect(made.find(({ schedule }) => schedule === "slow")?.interval.start).toBe(BEGIN);
  });

  test("TI-6: after an edit the first interval begins where the last ended, marked partial: no gap, no overlap", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    scenario.clock.advance(10 * MINUTE);
    const atHalfPast = { kind: "cron", expression: "30 * * * *" } as const;
    await deploySchedules(scenario, { daily: [scheduleOf({ timing: atHalfPast })] });
    for (let turn = 0; turn < 10; turn++) {
      await fireAll(scenario);
      scenario.clock.advance(10 * MINUTE);
    }
    const made = [...(await runs(scenario))].reverse();
    expect(made.map(({ interval, isPartial }) => [interval.start, interval.end, isPartial])).toEqual([
      [BEGIN, BEGIN + HOUR, undefined],
      [BEGIN + HOUR, BEGIN + 1.5 * HOUR, true],
      [BEGIN + 1.5 * HOUR, BEGIN + 2.5 * HOUR, undefined],
    ]);
  });

  test("I20: nothing comes of a schedule that is removed, off, or over", async () => {
    await using scenario = await Scenario.begin(subject);
    const end = { kind: "instant", at: BEGIN + 90 * MINUTE } as const;
    await deploySchedules(scenario, { gone: [scheduleOf()], off: [scheduleOf()], over: [scheduleOf({ end })] });
    await fireAll(scenario);
    await deploySchedules(scenario, { off: [scheduleOf({ enabled: false })], over: [scheduleOf({ end })] });
    for (let hour = 1; hour <= 3; hour++) {
      scenario.clock.advance(HOUR);
      await fireAll(scenario);
    }
    expect((await runs(scenario)).map(({ pipeline }) => pipeline)).toEqual(["over"]);
    expect((await scenario.store.schedules("shop")).map(({ rest }) => rest)).toEqual(["off", "ended"]);
    expect((await scenario.store.fireSchedules()).nextInMs).toBeUndefined();
  });

  test("I20: a paused pipeline fires nothing, and catches up as after a downtime when it goes on", async () => {
    await using scenario = await Scenario.begin(subject);
    const pause = { project: "shop", pipeline: "daily", actor: "anna" };
    await deploySchedules(scenario, { daily: [scheduleOf({ catchUp: { max: 2 } })] });
    await fireAll(scenario);
    await scenario.store.pausePipeline(pause);
    scenario.clock.advance(5 * HOUR + 20 * MINUTE);
    await fireAll(scenario);
    expect(await runs(scenario)).toEqual([]);
    expect(await scenario.store.schedules("shop")).toMatchObject([{ rest: "paused" }]);
    await scenario.store.resumePipeline(pause);
    await fireAll(scenario);
    expect((await runs(scenario)).map(({ interval }) => interval.end)).toEqual([BEGIN + 5 * HOUR, BEGIN + 4 * HOUR]);
  });

  test("RS-6: a pipeline that pauses itself after failures fires nothing more", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] }, { spec: { pauseAfterFailures: 1 } });
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    await scenario.runOut(() => ({ kind: "failed", failure: { reason: "error", message: "It broke." } }));
    expect(await scenario.store.schedules("shop")).toMatchObject([{ rest: "paused" }]);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    expect(await runs(scenario)).toHaveLength(1);
  });

  test("I19: a clock that is set back brings no interval again, and the mark stays", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    await fireAll(scenario);
    for (const hours of [1, 1, -24, 1]) {
      scenario.clock.advance(hours * HOUR);
      await fireAll(scenario);
    }
    expect((await runs(scenario)).map(({ interval }) => interval.end)).toEqual([BEGIN + 2 * HOUR, BEGIN + HOUR]);
    expect(await scenario.store.schedules("shop")).toMatchObject([
      { mark: BEGIN + 2 * HOUR, nextAt: BEGIN + 3 * HOUR },
    ]);
  });

  test("I19: a schedule that comes again after it was removed makes no second run of an interval", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { daily: [scheduleOf()] });
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    await deploySchedules(scenario, { daily: [] });
    const start = { kind: "instant", at: BEGIN - 5 * HOUR } as const;
    await deploySchedules(scenario, { daily: [scheduleOf({ start, catchUp: "all" })] });
    await fireAll(scenario);
    expect(await runs(scenario)).toHaveLength(1);
  });

  test("B31, B32, I42: a schedule that cannot be planned is set aside alone, shown, tried again, and mended by a deploy", async () => {
    await using scenario = await Scenario.begin(subject);
    await deploySchedules(scenario, { bad: [scheduleOf({ timezone: "Mars/Base" })], good: [scheduleOf()] });
    await fireAll(scenario);
    const [bad] = await scenario.store.schedules("shop", "bad");
    expect(bad?.fault).toMatchObject({ message: '"Mars/Base" is not a time zone.', since: BEGIN, times: 1 });
    expect(bad?.nextAt).toBe(BEGIN + MINUTE);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    expect((await runs(scenario)).map(({ pipeline }) => pipeline)).toEqual(["good"]);
    const [still] = await scenario.store.schedules("shop", "bad");
    expect(still).toMatchObject({ fault: { since: BEGIN, times: 2 }, nextAt: BEGIN + HOUR + 2 * MINUTE });
    await deploySchedules(scenario, { bad: [scheduleOf()], good: [scheduleOf()] });
    await fireAll(scenario);
    expect((await scenario.store.schedules("shop", "bad"))[0]?.fault).toBeUndefined();
    expect((await runs(scenario)).map(({ pipeline }) => pipeline)).toEqual(["bad", "good"]);
  });

  test("TI-1: a continuous schedule begins its next run when the last has ended, where that one's interval ended", async () => {
    await using scenario = await Scenario.begin(subject);
    const timing = { kind: "continuous", gapMs: MINUTE } as const;
    await deploySchedules(scenario, { stream: [scheduleOf({ timing, catchUp: "coalesce" })] });
    await fireAll(scenario);
    scenario.clock.advance(MINUTE);
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    expect(await runs(scenario)).toHaveLength(1);
    expect(await scenario.store.schedules("shop")).toMatchObject([{ rest: "run" }]);
    await scenario.end(await scenario.claim(), SUCCESS);
    await fireAll(scenario);
    expect((await runs(scenario)).map(({ interval: { start, end } }) => [start - BEGIN, end - BEGIN])).toEqual([
      [MINUTE, MINUTE + HOUR],
      [0, MINUTE],
    ]);
  });

  test("a schedule by a function is asked for its ticks, and goes by what it was told", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deploySchedules(scenario, { tides: [scheduleOf({ timing: { kind: "code" }, catchUp: "all" })] });
    expect(await store.fireSchedules()).toMatchObject({ created: 0, asks: true });
    const [asked] = await store.schedulesToAsk();
    if (asked === undefined) throw new Error("Nothing is to be asked");
    expect(asked).toMatchObject({ pipeline: "tides", schedule: "main", after: BEGIN, until: BEGIN });
    expect(await store.answerSchedule(asked, { ticks: [BEGIN + HOUR] })).toBe(true);
    expect(await store.answerSchedule(asked, { ticks: [BEGIN + MINUTE] })).toBe(false);
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    await fireAll(scenario);
    const [next] = await store.schedulesToAsk();
    expect(next?.after).toBe(BEGIN + HOUR);
    if (next !== undefined) await store.answerSchedule(next, { ticks: [BEGIN + 3 * HOUR], isLast: true });
    scenario.clock.advance(2 * HOUR);
    await fireAll(scenario);
    const made = (await runs(scenario)).map(({ interval: { start, end }, isPartial }) => [start, end, isPartial]);
    expect(made).toEqual([
      [BEGIN + HOUR, BEGIN + 3 * HOUR, undefined],
      [BEGIN, BEGIN + HOUR, undefined],
    ]);
    expect(await store.schedules("shop")).toMatchObject([{ rest: "ended" }]);
  });

  test("I42: a function that throws sets its schedule alone aside, tried again less and less often until it answers", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store } = scenario;
    await deploySchedules(scenario, { tides: [scheduleOf({ timing: { kind: "code" } })] });
    await fireAll(scenario);
    for (const [times, minutes] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ] as const) {
      const [asked] = await store.schedulesToAsk();
      if (asked === undefined) throw new Error("Nothing is to be asked");
      const at = scenario.clock.wall();
      await store.answerSchedule(asked, new BatutaError("invalid_definition", "No moon."));
      expect(await store.schedules("shop")).toMatchObject([
        { fault: { message: "No moon.", since: BEGIN, times }, nextAt: at + minutes * MINUTE },
      ]);
      scenario.clock.advance(minutes * MINUTE);
      await fireAll(scenario);
    }
    const [asked] = await store.schedulesToAsk();
    if (asked !== undefined) await store.answerSchedule(asked, { ticks: [BEGIN + 24 * HOUR] });
    await fireAll(scenario);
    expect(await toldOfFaults(scenario)).toEqual([
      { kind: "schedule_set_aside", ...TIDES, message: "No moon.", againAt: BEGIN + MINUTE },
      { kind: "schedule_mended", ...TIDES },
    ]);
    const [mended] = await store.schedules("shop");
    expect(mended).toMatchObject({ nextAt: BEGIN + 24 * HOUR });
    expect(mended?.fault).toBeUndefined();
  });

  test("a schedule that is deployed anew tells of its fault again, or that it is well", async () => {
    await using scenario = await Scenario.begin(subject);
    const timing = { kind: "code" } as const;
    const location = { file: "tides.ts", line: 3 };
    for (const times of [1, 2]) {
      await deploySchedules(scenario, { tides: [scheduleOf({ timing })] }, { spec: { description: `${times}` } });
      await fireAll(scenario);
      const [asked] = await scenario.store.schedulesToAsk();
      if (asked === undefined) throw new Error("Nothing is to be asked");
      await scenario.store.answerSchedule(asked, new BatutaError("invalid_definition", "No moon.", { location }));
      const [record] = await scenario.store.schedules("shop");
      expect(record).toMatchObject({ fault: { location, times: 1 }, nextAt: BEGIN + MINUTE });
    }
    await deploySchedules(scenario, { tides: [scheduleOf()] });
    expect(await scenario.store.schedules("shop")).toMatchObject([{ fault: { times: 0 } }]);
    await fireAll(scenario);
    const setAside = { kind: "schedule_set_aside", ...TIDES, message: "No moon.", location, againAt: BEGIN + MINUTE };
    expect(await toldOfFaults(scenario)).toEqual([setAside, setAside, { kind: "schedule_mended", ...TIDES }]);
    expect((await scenario.store.schedules("shop"))[0]?.fault).toBeUndefined();
  });

  test("B35, I21: a wake-up that was lost is restored, those of paused and ended schedules are not", async () => {
    await using scenario = await Scenario.begin(subject);
    const end = { kind: "instant", at: BEGIN } as const;
    const { store, opened } = scenario;
    await store.pausePipeline({ project: "shop", pipeline: "paused", actor: "anna" });
    await deploySchedules(scenario, { lost: [scheduleOf()], over: [scheduleOf({ end })], paused: [scheduleOf()] });
    await fireAll(scenario);
    expect(await store.restoreSchedules()).toBe(0);
    await opened.rows("update schedule set next_at = null where pipeline = 'lost' returning key");
    scenario.clock.advance(HOUR);
    expect(await store.fireSchedules()).toEqual({ created: 0 });
    expect(await store.restoreSchedules()).toBe(1);
    await fireAll(scenario);
    expect((await runs(scenario)).map(({ pipeline }) => pipeline)).toEqual(["lost"]);
  });

  test("more schedules than one transaction takes are all fired, one transaction after the other", async () => {
    await using scenario = await Scenario.begin(subject);
    const names = Array.from({ length: 450 }, (_, n) => `p${n}`);
    await deploySchedules(scenario, Object.fromEntries(names.map((name) => [name, [scheduleOf()]])));
    await fireAll(scenario);
    scenario.clock.advance(HOUR);
    expect(await fireAll(scenario)).toBe(450);
    expect(new Set((await runs(scenario)).map(({ pipeline }) => pipeline)).size).toBe(450);
  });

  test("B53: a day without anybody there, every minute, with all of it to be made up for, goes on in order", async () => {
    await using scenario = await Scenario.begin(subject);
    const timing = { kind: "every", ms: MINUTE } as const;
    await deploySchedules(scenario, { all: [scheduleOf({ timing, catchUp: "all" })], other: [scheduleOf()] });
    await fireAll(scenario);
    scenario.clock.advance(4 * HOUR);
    expect((await scenario.store.fireSchedules()).created).toBeLessThanOrEqual(201);
    expect((await runs(scenario)).some(({ pipeline }) => pipeline === "other")).toBe(true);
    await fireAll(scenario);
    const made = (await runs(scenario)).filter(({ pipeline }) => pipeline === "all").reverse();
    expect(made.map(({ interval }) => interval.end)).toEqual(
      Array.from({ length: 240 }, (_, n) => BEGIN + (n + 1) * MINUTE),
    );
  });
}

const TIDES = { project: "shop", pipeline: "tides", schedule: "main" };

async function toldOfFaults(scenario: Scenario): Promise<readonly EventBody[]> {
  const bodies = (await scenario.events()).map(({ body }) => body);
  return bodies.filter(({ kind }) => kind === "schedule_set_aside" || kind === "schedule_mended");
}

/** Until nothing is due; gives how many runs there are. */
async function fireAll({ store }: Scenario): Promise<number> {
  let created = 0;
  for (let firing = await store.fireSchedules(); ; firing = await store.fireSchedules()) {
    created += firing.created;
    if (firing.nextInMs !== 0) return created;
  }
}

/** Newest first. */
function runs({ store }: Scenario): Promise<readonly RunRecord[]> {
  return store.runs({ project: "shop", limit: 1_000 });
}
