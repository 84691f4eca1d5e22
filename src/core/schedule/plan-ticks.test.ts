import fc from "fast-check";
import { expect, test } from "vitest";
import type { Instant } from "../instant.ts";
import { timeZone } from "../time-zone.ts";
import { jitterOf, planTicks } from "./plan-ticks.ts";
import { passes } from "./planning.ts";
import type { CatchUp, ScheduleSpec } from "./schedule-spec.ts";
import type { ScheduleState, TickPlan } from "./schedule-state.ts";
import { ticksOf } from "./ticks-of.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEW_YEAR = Date.UTC(2026, 0, 1);

test("TI-4: a schedule without a start begins when it is deployed, with the interval that is under way", () => {
  const state = hourly({ origin: NEW_YEAR + 5 * MINUTE });
  expect(planTicks(state, NEW_YEAR + 6 * MINUTE)).toEqual({ runs: [], gaps: [], nextAt: NEW_YEAR + HOUR });
  expect(planTicks(state, NEW_YEAR + HOUR)).toEqual({
    runs: [{ interval: { start: NEW_YEAR, end: NEW_YEAR + HOUR } }],
    ...{ gaps: [], mark: NEW_YEAR + HOUR, nextAt: NEW_YEAR + 2 * HOUR },
  });
});

test("TI-4: a start in the past is caught up with as the schedule says", () => {
  const start = { kind: "date", date: "2025-12-30" } as const;
  const state = hourly({ spec: { start, catchUp: { max: 2 } }, origin: NEW_YEAR + 30 * MINUTE });
  const plan = planTicks(state, NEW_YEAR + 30 * MINUTE);
  expect(ends(plan)).toEqual([NEW_YEAR - HOUR, NEW_YEAR]);
  expect(plan.gaps).toEqual([{ reason: "missed", from: NEW_YEAR - 2 * DAY, to: NEW_YEAR - 2 * HOUR, ticks: 46 }]);
});

test("TI-4: ticks late by less than the grace time are all created, whatever the policy", () => {
  const every = { timing: { kind: "every", ms: MINUTE }, graceMs: 10 * MINUTE } as const;
  const state = hourly({ spec: { ...every, catchUp: "none" }, mark: NEW_YEAR });
  const plan = planTicks(state, NEW_YEAR + HOUR);
  expect(ends(plan)).toEqual(Array.from({ length: 10 }, (_, n) => NEW_YEAR + HOUR - (9 - n) * MINUTE));
  expect(plan.gaps).toEqual([{ reason: "missed", from: NEW_YEAR, to: NEW_YEAR + 50 * MINUTE, ticks: 50 }]);
});

test.each<[CatchUp, readonly number[], number]>([
  ["none", [], 5],
  ["latest", [5], 4],
  [{ max: 3 }, [3, 4, 5], 2],
  ["all", [1, 2, 3, 4, 5], 0],
])("TI-4: after five hours of downtime %j creates the runs of hours %j and leaves out %i", (catchUp, hours, missed) => {
  const plan = planTicks(hourly({ spec: { catchUp }, mark: NEW_YEAR }), NEW_YEAR + 5 * HOUR + 30 * MINUTE);
  expect(ends(plan)).toEqual(hours.map((hour) => NEW_YEAR + hour * HOUR));
  expect(plan.gaps.reduce((sum, { ticks }) => sum + ticks, 0)).toBe(missed);
  expect(plan).toMatchObject({ mark: NEW_YEAR + 5 * HOUR, nextAt: NEW_YEAR + 6 * HOUR });
});

test("TI-4: coalesce makes one run over the whole span that was missed", () => {
  const plan = planTicks(hourly({ spec: { catchUp: "coalesce" }, mark: NEW_YEAR }), NEW_YEAR + 5 * HOUR + 30 * MINUTE);
  expect(plan.runs).toEqual([{ interval: { start: NEW_YEAR, end: NEW_YEAR + 5 * HOUR }, isWide: true }]);
  expect(plan).toMatchObject({ gaps: [], mark: NEW_YEAR + 5 * HOUR });
});

test("TI-6: after a change the first interval begins where the last one ended, and is partial unless it fits", () => {
  const edited = { timing: { kind: "cron", expression: "30 * * * *" } } as const;
  const plan = planTicks(hourly({ spec: { ...edited, graceMs: DAY }, mark: NEW_YEAR }), NEW_YEAR + 95 * MINUTE);
  expect(plan.runs).toEqual([
    { interval: { start: NEW_YEAR, end: NEW_YEAR + 30 * MINUTE }, isPartial: true },
    { interval: { start: NEW_YEAR + 30 * MINUTE, end: NEW_YEAR + 90 * MINUTE } },
  ]);
  const fitting = hourly({ spec: { timing: { kind: "cron", expression: "0 */2 * * *" } }, mark: NEW_YEAR });
  expect(planTicks(fitting, NEW_YEAR + 2 * HOUR).runs).toEqual([
    { interval: { start: NEW_YEAR, end: NEW_YEAR + 2 * HOUR } },
  ]);
});

test("TI-3, I19: a clock that is set back brings nothing again, and moves no mark", () => {
  const state = hourly({ mark: NEW_YEAR + DAY });
  expect(planTicks(state, NEW_YEAR)).toEqual({ runs: [], gaps: [], nextAt: NEW_YEAR + DAY + HOUR });
});

test("TI-8: a tick that a filter leaves out is recorded as skipped by calendar, and the next keeps its own interval", () => {
  const filter = { windows: [{ fromMinute: 9 * 60, toMinute: 11 * 60 }], holidays: ["2026-01-02"] };
  const state = hourly({ spec: { filter, catchUp: "all" }, mark: NEW_YEAR });
  const plan = planTicks(state, NEW_YEAR + 2 * DAY);
  expect(ends(plan)).toEqual([NEW_YEAR + 9 * HOUR, NEW_YEAR + 10 * HOUR]);
  expect(plan.runs[0]?.interval.start).toBe(NEW_YEAR + 8 * HOUR);
  expect(plan.gaps).toEqual([
    { reason: "calendar", from: NEW_YEAR, to: NEW_YEAR + 8 * HOUR, ticks: 8 },
    { reason: "calendar", from: NEW_YEAR + 10 * HOUR, to: NEW_YEAR + 2 * DAY, ticks: 38 },
  ]);
});

test("a window over midnight belongs to the day on which it begins", () => {
  // 2026-01-02 is a Friday.
  const filter = { windows: [{ days: [5], fromMinute: 22 * 60, toMinute: 2 * 60 }] };
  const plan = planTicks(hourly({ spec: { filter, catchUp: "all" }, mark: NEW_YEAR }), NEW_YEAR + 4 * DAY);
  expect(ends(plan)).toEqual([22, 23, 24, 25].map((hour) => NEW_YEAR + DAY + hour * HOUR));
});

test("TI-9: the end of a schedule is inclusive: by date of the intervals with that ds, by instant of those inside", () => {
  const byDate = hourly({ spec: { end: { kind: "date", date: "2026-01-01" }, catchUp: "all" }, mark: NEW_YEAR });
  const plan = planTicks(byDate, NEW_YEAR + 3 * DAY);
  expect(plan).toMatchObject({ mark: NEW_YEAR + DAY, rest: "ended" });
  const byInstant = hourly({ spec: { end: { kind: "instant", at: NEW_YEAR + 90 * MINUTE }, catchUp: "latest" } });
  expect(planTicks({ ...byInstant, mark: NEW_YEAR }, NEW_YEAR + 3 * DAY)).toMatchObject({
    runs: [{ interval: { start: NEW_YEAR, end: NEW_YEAR + HOUR } }],
    rest: "ended",
  });
});

test("a start that was moved on leaves out what lies before it", () => {
  const state = hourly({ spec: { start: { kind: "instant", at: NEW_YEAR + DAY }, catchUp: "all" }, mark: NEW_YEAR });
  expect(planTicks(state, NEW_YEAR + DAY + HOUR)).toMatchObject({
    runs: [{ interval: { start: NEW_YEAR + DAY, end: NEW_YEAR + DAY + HOUR } }],
    gaps: [],
  });
});

test("jitter moves the creation and never the interval, and is the same each time", () => {
  const state = hourly({ spec: { jitterMs: 20 * MINUTE }, mark: NEW_YEAR });
  const jitter = jitterOf(state);
  expect(jitter).toBeGreaterThan(0);
  const due = NEW_YEAR + HOUR + jitter;
  expect(planTicks(state, due - 1)).toEqual({ runs: [], gaps: [], nextAt: due });
  expect(planTicks(state, due)).toMatchObject({ runs: [{ interval: { start: NEW_YEAR, end: NEW_YEAR + HOUR } }] });
  expect(jitterOf({ ...state, seed: "another" })).not.toBe(jitter);
});

test("TI-1: once is one run at its start, and never again", () => {
  const spec = { timing: { kind: "once" }, start: { kind: "instant", at: NEW_YEAR + HOUR } } as const;
  const state = hourly({ spec });
  expect(planTicks(state, NEW_YEAR)).toEqual({ runs: [], gaps: [], nextAt: NEW_YEAR + HOUR });
  const plan = planTicks(state, NEW_YEAR + DAY);
  expect(plan).toMatchObject({ runs: [{ interval: { start: NEW_YEAR + HOUR, end: NEW_YEAR + HOUR } }], rest: "ended" });
  expect(planTicks({ ...state, mark: NEW_YEAR + HOUR }, NEW_YEAR + DAY)).toEqual({ runs: [], gaps: [], rest: "ended" });
  const none = planTicks(hourly({ spec: { ...spec, catchUp: "none" } }), NEW_YEAR + DAY);
  expect(none).toMatchObject({ runs: [], gaps: [{ reason: "missed", ticks: 1 }], rest: "ended" });
});

test("TI-1: continuous begins the next interval where the last ended, once its run has ended and the gap is over", () => {
  const state = hourly({ spec: { timing: { kind: "continuous", gapMs: MINUTE }, catchUp: "coalesce" } });
  expect(planTicks(state, NEW_YEAR)).toEqual({ runs: [], gaps: [], nextAt: NEW_YEAR + MINUTE });
  const first = planTicks(state, NEW_YEAR + MINUTE);
  expect(first).toMatchObject({ runs: [{ interval: { start: NEW_YEAR, end: NEW_YEAR + MINUTE } }], rest: "run" });
  const running = { ...state, mark: NEW_YEAR + MINUTE, lastRun: { createdAt: NEW_YEAR + MINUTE } };
  expect(planTicks(running, NEW_YEAR + DAY)).toEqual({ runs: [], gaps: [], rest: "run" });
  const ended = { ...running, lastRun: { createdAt: NEW_YEAR + MINUTE, endedAt: NEW_YEAR + MINUTE + 10 } };
  expect(planTicks(ended, NEW_YEAR + MINUTE + 10)).toMatchObject({ nextAt: NEW_YEAR + 2 * MINUTE });
  expect(planTicks(ended, NEW_YEAR + DAY).runs).toEqual([
    { interval: { start: NEW_YEAR + MINUTE, end: NEW_YEAR + DAY } },
  ]);
});

test("the ticks of a function are walked like others; when they are used up it is asked again, unless it said enough", () => {
  const ticks = [NEW_YEAR + HOUR, NEW_YEAR + 3 * HOUR];
  const state = hourly({ spec: { timing: { kind: "code" }, catchUp: "all" } });
  expect(planTicks(state, NEW_YEAR)).toEqual({ runs: [], gaps: [], rest: "code" });
  const plan = planTicks({ ...state, answer: { ticks } }, NEW_YEAR + 3 * HOUR);
  expect(plan).toMatchObject({ mark: NEW_YEAR + 3 * HOUR, rest: "code" });
  expect(plan.runs.map(({ interval }) => interval.start)).toEqual([NEW_YEAR, NEW_YEAR + HOUR]);
  expect(planTicks({ ...state, answer: { ticks, isLast: true } }, NEW_YEAR + DAY).rest).toBe("ended");
});

test("B53: a year without anybody there, every minute, takes bounded steps and leaves out one range", () => {
  const year = 365 * DAY;
  const every = planTicks(hourly({ spec: { timing: { kind: "every", ms: MINUTE } }, mark: NEW_YEAR }), NEW_YEAR + year);
  expect(every.gaps).toEqual([expect.objectContaining({ ticks: 525_589 })]);
  let state = hourly({ spec: { timing: { kind: "cron", expression: "* * * * *" }, catchUp: "none" }, mark: NEW_YEAR });
  let [plans, left] = [0, 0];
  for (let plan = planTicks(state, NEW_YEAR + 3 * DAY); ; plan = planTicks(state, NEW_YEAR + 3 * DAY)) {
    plans += 1;
    left += plan.gaps.reduce((sum, { ticks }) => sum + ticks, 0);
    state = { ...state, mark: plan.mark ?? NEW_YEAR };
    if (plan.nextAt !== NEW_YEAR + 3 * DAY) break;
  }
  expect(left).toBe(3 * 24 * 60 - 10);
  expect(plans).toBeLessThan(10);
});

test("I18, I19: whatever was missed, plans together decide each tick once, in order, as a walk over all ticks would", () => {
  const policies = fc.oneof(
    fc.constantFrom<CatchUp>("latest", "none", "all", "coalesce"),
    fc.integer({ min: 1, max: 200 }).map((max) => ({ max })),
  );
  const timings = fc.oneof(
    fc.integer({ min: 1, max: 90 }).map((minutes) => ({ kind: "every", ms: minutes * MINUTE }) as const),
    fc
      .constantFrom("*/7 * * * *", "0 2 * * *", "30 */3 * * 1-5")
      .map((expression) => ({ kind: "cron", expression }) as const),
  );
  const filters = fc.constantFrom<ScheduleSpec["filter"]>(
    ...[undefined, { windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1_080 }] }],
    { blackout: [{ from: "2026-01-03", to: "2026-01-05" }], holidays: ["2026-01-08"] },
  );
  const specs = fc.record({
    timing: timings,
    filter: filters,
    catchUp: policies,
    jitterMs: fc.constantFrom(0, 5 * MINUTE),
  });
  fc.assert(
    fc.property(
      specs,
      fc.integer({ min: 0, max: 6 * 24 * 60 }),
      fc.boolean(),
      ({ filter, ...rest }, minutes, isEdited) => {
        const spec = { ...rest, ...(filter === undefined ? {} : { filter }), timezone: "Europe/Zurich" };
        const mark = NEW_YEAR + (isEdited ? 3 * MINUTE + 1 : 0);
        const now = NEW_YEAR + minutes * MINUTE;
        expect(decided(hourly({ spec, mark }), now)).toEqual(expected(hourly({ spec, mark }), now));
      },
    ),
    { numRuns: 100 },
  );
});

/** All that plans decide until nothing is due any more. */
function decided(state: ScheduleState, now: Instant): Readonly<Record<"runs" | "missed" | "calendar", unknown>> {
  const runs: [Instant, Instant][] = [];
  const left = { missed: 0, calendar: 0 };
  for (let mark = state.mark, turns = 0; turns < 100; turns++) {
    const plan = planTicks({ ...state, ...(mark === undefined ? {} : { mark }) }, now);
    expect(plan.runs.length).toBeLessThanOrEqual(101);
    runs.push(...plan.runs.map(({ interval: { start, end } }): [Instant, Instant] => [start, end]));
    for (const { reason, ticks } of plan.gaps) left[reason] += ticks;
    expect(plan.mark ?? mark).toBeGreaterThanOrEqual(mark ?? 0);
    mark = plan.mark ?? mark;
    if (plan.nextAt !== now) break;
  }
  return { runs, ...left };
}

/** The same, said simply. */
function expected(state: ScheduleState, now: Instant): ReturnType<typeof decided> {
  const { spec, mark = 0 } = state;
  const due = now - jitterOf(state);
  const all = ticksIn(state, mark, due);
  const late = all.filter(({ end, passes }) => passes && due - end >= spec.graceMs);
  const wanted = typeof spec.catchUp === "object" ? spec.catchUp.max : spec.catchUp === "latest" ? 1 : late.length;
  const kept = spec.catchUp === "none" ? [] : late.slice(Math.max(late.length - wanted, 0));
  const missed = late.filter((tick) => !kept.includes(tick));
  const lastLate = late.at(-1)?.end ?? mark;
  const calendar = all.filter(({ end, passes }) => !passes && (spec.catchUp !== "coalesce" || end > lastLate));
  const single = all.filter((tick) => tick.passes && (kept.includes(tick) || !late.includes(tick)));
  const runs =
    spec.catchUp === "coalesce" && late.length > 0
      ? [[mark, lastLate], ...single.filter(({ end }) => end > lastLate).map(({ start, end }) => [start, end])]
      : single.map(({ start, end }) => [start, end]);
  return { runs, missed: missed.length, calendar: calendar.length };
}

interface WalkedTick {
  readonly start: Instant;
  readonly end: Instant;
  readonly passes: boolean;
}

/** Every tick of a schedule, one by one. */
function ticksIn({ spec }: ScheduleState, from: Instant, to: Instant): readonly WalkedTick[] {
  const found: WalkedTick[] = [];
  const ticks = ticksOf(spec);
  const zone = timeZone(spec.timezone);
  for (let start = from, end = ticks.after(from); end !== undefined && end <= to; start = end, end = ticks.after(end)) {
    found.push({ start, end, passes: passes(spec, zone, end) });
  }
  return found;
}

function ends({ runs }: TickPlan): readonly Instant[] {
  return runs.map(({ interval }) => interval.end);
}

function hourly({
  spec,
  ...more
}: Partial<Omit<ScheduleState, "spec">> & { spec?: Partial<ScheduleSpec> }): ScheduleState {
  return {
    ...{ seed: "shop/daily/main", origin: NEW_YEAR, ...more },
    spec: {
      ...{
        name: "main",
        timezone: "UTC",
        timing: { kind: "every", ms: HOUR },
        catchUp: "latest",
        graceMs: 10 * MINUTE,
      },
      ...{ enabled: true, params: {}, ...spec },
    },
  };
}
