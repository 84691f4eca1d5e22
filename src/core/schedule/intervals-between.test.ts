import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { timeZone } from "../time-zone.ts";
import { type AskedRange, type IntervalOrder, intervalsBetween, type ScheduleCalendar } from "./intervals-between.ts";
import type { ScheduleBound } from "./schedule-spec.ts";

const ZURICH: ScheduleCalendar = { timing: { kind: "cron", expression: "0 2 * * *" }, timezone: "Europe/Zurich" };
const date = (text: string): ScheduleBound => ({ kind: "date", date: text });
const instant = (text: string): ScheduleBound => ({ kind: "instant", at: Date.parse(text) });

describe("TI-9", () => {
  test("dates select by ds, both ends inclusive, in either order", () => {
    const range = { from: date("2023-10-28"), to: date("2023-10-30") };
    const expected = [
      "2023-10-28 2023-10-28T00:00Z/2023-10-29T00:00Z",
      "2023-10-29 2023-10-29T00:00Z/2023-10-30T01:00Z",
      "2023-10-30 2023-10-30T01:00Z/2023-10-31T01:00Z",
    ];
    expect(listed(ZURICH, range)).toEqual(expected);
    expect(listed(ZURICH, range, "newest_first")).toEqual(expected.toReversed());
  });

  test("instants select the intervals wholly inside", () => {
    const range = { from: instant("2023-10-28T00:00Z"), to: instant("2023-10-30T01:00Z") };
    expect(listed(ZURICH, range)).toEqual([
      "2023-10-28 2023-10-28T00:00Z/2023-10-29T00:00Z",
      "2023-10-29 2023-10-29T00:00Z/2023-10-30T01:00Z",
    ]);
    const narrower = { from: instant("2023-10-28T00:00:00.001Z"), to: instant("2023-10-30T00:59:59.999Z") };
    expect(listed(ZURICH, narrower)).toEqual([]);
  });

  test.each(["0 2 * * *", "*/30 * * * *", "0 0 29 2 *", "59 59 23 31 12 *"])(
    "%s fires until the calendar ends with the year 9999, and then no more",
    (expression) => {
      for (const timezone of ["Europe/Zurich", "Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
        const schedule: ScheduleCalendar = { timing: { kind: "cron", expression }, timezone };
        const range = { from: date("9999-12-29"), to: date("9999-12-31") };
        expect(listed(schedule, range).toReversed()).toEqual(listed(schedule, range, "newest_first"));
        const [last] = intervalsBetween(schedule, { to: date("9999-12-31") }, "newest_first");
        expect(last?.ds).toMatch(/^999\d-/);
      }
    },
  );

  test("start and end of the schedule narrow the range, by the same rule", () => {
    const schedule = { ...ZURICH, start: date("2023-10-29"), end: date("2023-10-30") };
    const range = { from: date("2023-01-01"), to: date("2024-01-01") };
    expect(listed(schedule, range).map((line) => line.slice(0, 10))).toEqual(["2023-10-29", "2023-10-30"]);
    expect(listed(schedule, {}).length).toBe(2);
    expect(listed(schedule, {}, "newest_first").length).toBe(2);
  });

  test("a list of bounds is narrowed by each: a walk goes on where it has stopped", () => {
    const range = { from: [date("2023-10-01"), instant("2023-10-29T00:00Z")], to: date("2023-10-30") };
    expect(listed(ZURICH, range).map((line) => line.slice(0, 10))).toEqual(["2023-10-29", "2023-10-30"]);
  });

  test("a range between two ticks, or upside down, is empty", () => {
    expect(listed(ZURICH, { from: date("2023-10-30"), to: date("2023-10-28") })).toEqual([]);
    const yearly: ScheduleCalendar = { timing: { kind: "cron", expression: "@yearly" }, timezone: "UTC" };
    expect(listed(yearly, { from: date("2023-03-01"), to: date("2023-09-01") })).toEqual([]);
  });

  test("the first day of the clocks of Apia after the one that they left out", () => {
    const daily: ScheduleCalendar = { timing: { kind: "every_days", days: 1 }, timezone: "Pacific/Apia" };
    expect(
      listed(daily, { from: date("2011-12-29"), to: date("2011-12-31") }).map((line) => line.slice(0, 10)),
    ).toEqual(["2011-12-29", "2011-12-31"]);
  });
});

test("intervals come one by one: what nobody asks for is not worked out", () => {
  const secondly: ScheduleCalendar = { timing: { kind: "every", ms: 1_000 }, timezone: "UTC" };
  const endless = intervalsBetween(secondly, { from: date("2000-01-01") }, "oldest_first");
  expect([...endless.take(2)].map(({ interval }) => interval.end - interval.start)).toEqual([1_000, 1_000]);
  // Nothing says where to begin.
  expect([...intervalsBetween(secondly, { from: date("2000-01-01") }, "newest_first")]).toEqual([]);
});

test("intervals of any schedule and range touch each other, lie in the range, and are the same in both orders", () => {
  const expression = fc.constantFrom(
    "0 0 * * *",
    "30 1 * * *",
    "0 */6 * * *",
    "0 2 * * SUN",
    "*/30 1-3 * * *",
    "0 0 L * *",
  );
  const zone = fc.constantFrom(
    "Europe/Zurich",
    "America/St_Johns",
    "Asia/Gaza",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "UTC",
  );
  const day = fc.date({ min: new Date("1990-01-01"), max: new Date("2035-01-01"), noInvalidDate: true });
  fc.assert(
    fc.property(expression, zone, day, fc.integer({ min: 0, max: 40 }), (text, timezone, from, length) => {
      const schedule: ScheduleCalendar = { timing: { kind: "cron", expression: text }, timezone };
      const first = from.toISOString().slice(0, 10);
      const last = new Date(from.getTime() + length * 86_400_000).toISOString().slice(0, 10);
      const found = [...intervalsBetween(schedule, { from: date(first), to: date(last) }, "oldest_first")];
      for (const [index, { interval, ds }] of found.entries()) {
        expect(ds >= first && ds <= last).toBe(true);
        expect(ds).toBe(timeZone(timezone).dateOf(interval.start));
        const next = found[index + 1];
        if (next !== undefined) expect(next.interval.start).toBe(interval.end);
      }
      const back = [...intervalsBetween(schedule, { from: date(first), to: date(last) }, "newest_first")];
      expect(back.toReversed()).toEqual(found);
    }),
    { numRuns: 300 },
  );
});

test("TI-1: @once has the one interval [start, start), what has no calendar has none", () => {
  const once: ScheduleCalendar = { timing: { kind: "once" }, timezone: "Europe/Zurich", start: date("2024-06-01") };
  expect(listed(once, {})).toEqual(["2024-06-01 2024-05-31T22:00Z/2024-05-31T22:00Z"]);
  expect(listed(once, { from: date("2024-06-02") })).toEqual([]);
  expect(listed({ timing: { kind: "once" }, timezone: "UTC" }, {})).toEqual([]);
  expect(listed({ timing: { kind: "continuous", gapMs: 0 }, timezone: "UTC" }, { from: date("2024-01-01") })).toEqual(
    [],
  );
});

test("TI-8: what a filter holds back is there, and says why", () => {
  const schedule = {
    ...ZURICH,
    filter: { holidays: ["2023-10-29"], blackout: [{ from: "2023-10-30", to: "2023-11-01" }] },
  };
  const found = [...intervalsBetween(schedule, { from: date("2023-10-27"), to: date("2023-10-29") }, "oldest_first")];
  expect(found.map(({ ds, filtered }) => [ds, filtered?.by])).toEqual([
    ["2023-10-27", undefined],
    ["2023-10-28", "holiday"],
    ["2023-10-29", "blackout"],
  ]);
});

function listed(
  schedule: ScheduleCalendar,
  range: AskedRange,
  order: IntervalOrder = "oldest_first",
): readonly string[] {
  const utc = (at: number): string => new Date(at).toISOString().replace(":00.000Z", "Z");
  const found = intervalsBetween(schedule, range, order);
  return [...found].map(({ interval, ds }) => `${ds} ${utc(interval.start)}/${utc(interval.end)}`);
}
