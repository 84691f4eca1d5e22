import fc from "fast-check";
import { expect, test } from "vitest";
import type { IntervalOrder } from "../schedule/intervals-between.ts";
import type { ScheduleBound, TimingInZone } from "../schedule/schedule-spec.ts";
import { backfillRange, countIntervals, cursorAfter, isWalked, nextIntervals } from "./backfill-range.ts";

const ZURICH: TimingInZone = { timing: { kind: "cron", expression: "0 2 * * *" }, timezone: "Europe/Zurich" };
const LATER = Date.parse("2030-01-01T00:00:00Z");

test("TI-9, BF-1: dates select by ds, both ends inclusive, also across a change of the clocks", () => {
  expect(rangeOf("2023-10-27", "2023-10-29")).toEqual(["2023-10-27T00:00", "2023-10-30T01:00"]);
  expect(rangeOf("2023-10-29", "2023-10-28")).toBeUndefined();
});

test("TI-9: instants select the intervals wholly inside", () => {
  const at = (text: string): ScheduleBound => ({ kind: "instant", at: Date.parse(text) });
  const asked = { from: at("2023-10-27T00:00:01Z"), to: at("2023-10-30T00:59:59Z"), now: LATER };
  expect(shown(backfillRange(ZURICH, asked))).toEqual(["2023-10-28T00:00", "2023-10-29T00:00"]);
});

test("TI-9: the bounds of the schedule hold for a backfill too", () => {
  const calendar = { ...ZURICH, start: { kind: "date", date: "2023-10-28" } } as const;
  const asked = { from: date("2023-10-01"), to: date("2023-10-28"), now: LATER };
  expect(shown(backfillRange(calendar, asked))).toEqual(["2023-10-28T00:00", "2023-10-29T00:00"]);
});

test("BF-1: only intervals that are complete by now", () => {
  const now = Date.parse("2023-10-29T12:00:00Z");
  expect(rangeOf("2023-10-27", "2023-12-31", now)).toEqual(["2023-10-27T00:00", "2023-10-29T00:00"]);
  expect(rangeOf("2023-10-29", "2023-12-31", now)).toBeUndefined();
});

test("BF-4: a walk goes from either end over the same intervals, in steps of any size", () => {
  const range = { start: Date.parse("2023-03-20T01:00:00Z"), end: Date.parse("2023-04-20T00:00:00Z") };
  const walk = (order: IntervalOrder, size: number): readonly number[] => {
    const starts: number[] = [];
    let cursor: number | undefined;
    while (!isWalked({ range, order, ...(cursor === undefined ? {} : { cursor }) })) {
      const step = nextIntervals(ZURICH, { range, order, ...(cursor === undefined ? {} : { cursor }) }, size);
      starts.push(...step.map(({ interval }) => interval.start));
      const last = step.at(-1);
      if (last === undefined) break;
      cursor = cursorAfter(order, last.interval);
    }
    return starts;
  };
  const whole = walk("oldest_first", 1_000);
  expect(whole).toHaveLength(31);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (size) => {
      expect(walk("oldest_first", size)).toEqual(whole);
      expect(walk("newest_first", size)).toEqual(whole.toReversed());
    }),
  );
});

test("TI-8: what the calendar of the schedule leaves out is told with the reason", () => {
  const filter = { blackout: [{ from: "2023-03-22", to: "2023-03-22" }] };
  const range = { start: Date.parse("2023-03-20T01:00:00Z"), end: Date.parse("2023-03-23T01:00:00Z") };
  const found = nextIntervals({ ...ZURICH, filter }, { range, order: "oldest_first" }, 9);
  expect(found.map(({ filtered }) => filtered !== undefined)).toEqual([false, true, false]);
});

test("a range is counted up to a limit, and one far beyond it is not walked to its end", () => {
  const seconds: TimingInZone = { timing: { kind: "cron", expression: "* * * * * *" }, timezone: "UTC" };
  expect(countIntervals(seconds, { start: 0, end: 2_000_000 }, 2_000)).toBe(2_000);
  expect(countIntervals(seconds, { start: 0, end: 2_001_000 }, 2_000)).toBeUndefined();
  // To its end it would take hours.
  expect(countIntervals(seconds, { start: 0, end: 1e13 }, 1_000_000)).toBeUndefined();
});

function rangeOf(from: string, to: string, now = LATER): readonly string[] | undefined {
  return shown(backfillRange(ZURICH, { from: date(from), to: date(to), now }));
}

function date(text: string): ScheduleBound {
  return { kind: "date", date: text };
}

function shown(range: { readonly start: number; readonly end: number } | undefined): readonly string[] | undefined {
  return range === undefined
    ? undefined
    : [range.start, range.end].map((instant) => new Date(instant).toISOString().slice(0, 16));
}
