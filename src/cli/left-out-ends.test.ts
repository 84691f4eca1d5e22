import { expect, test } from "vitest";
import { backfillRange } from "../core/backfill/backfill-range.ts";
import type { ScheduleCalendar } from "../core/schedule/intervals-between.ts";
import type { ScheduleBound } from "../core/schedule/schedule-spec.ts";
import { leftOutEnds } from "./left-out-ends.ts";

const date = (text: string): ScheduleBound => ({ kind: "date", date: text });
const DAILY: ScheduleCalendar = { timing: { kind: "cron", expression: "0 6 * * *" }, timezone: "UTC" };
const BOUNDED: ScheduleCalendar = { ...DAILY, start: date("2024-01-03"), end: date("2024-01-06") };

/** As of noon of 5 January. */
function leftOut(calendar: ScheduleCalendar, from: string, to: string): readonly string[] {
  const asked = { from: date(from), to: date(to) };
  const range = backfillRange(calendar, { ...asked, now: Date.parse("2024-01-05T12:00Z") });
  return range === undefined ? ["no range"] : leftOutEnds(calendar, asked, range);
}

test("BF-1: nothing is said of a range whose intervals are all complete", () => {
  expect(leftOut(DAILY, "2024-01-01", "2024-01-04")).toEqual([]);
  expect(leftOut(BOUNDED, "2024-01-03", "2024-01-04")).toEqual([]);
});

test("BF-1: where intervals have not ended yet, it is said from when on", () => {
  const unfinished = "What begins at 2024-01-05T06:00:00Z (2024-01-05) or later is left out: it has not ended yet.";
  expect(leftOut(DAILY, "2024-01-01", "2024-01-05")).toEqual([unfinished]);
  expect(leftOut(DAILY, "2024-01-01", "9999-12-31")).toEqual([unfinished]);
});

test("BF-1: where the schedule begins later or ends sooner, that is said", () => {
  expect(leftOut(BOUNDED, "2024-01-01", "2024-01-04")).toEqual([
    "What begins before 2024-01-03 is left out: the schedule starts then.",
  ]);
  const over = { ...BOUNDED, end: date("2024-01-03") };
  expect(leftOut(over, "2024-01-03", "2024-01-09")).toEqual([
    "What comes after 2024-01-03 is left out: the schedule ends then.",
  ]);
});
