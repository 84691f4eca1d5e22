import { expect, test } from "vitest";
import { ZoneOffsets } from "./zone-offsets.ts";

const HOUR = 3_600_000;

test.each([
  ["Europe/Zurich", "2023-03-26T01:00:00Z", 1, 2],
  ["Europe/Zurich", "2023-10-29T01:00:00Z", 2, 1],
  ["Australia/Lord_Howe", "2024-10-05T15:30:00Z", 10.5, 11],
  ["Pacific/Apia", "2011-12-30T10:00:00Z", -10, 14],
  // Two of the closest: a summer of a week.
  ["America/Boa_Vista", "2000-10-08T04:00:00Z", -4, -3],
  ["America/Boa_Vista", "2000-10-15T03:00:00Z", -3, -4],
  ["Asia/Kathmandu", "1985-12-31T18:30:00Z", 5.5, 5.75],
])("clocks of %s are set at %s, from %d to %d hours", (zone, instant, before, after) => {
  const offsets = new ZoneOffsets(zone);
  const at = Date.parse(instant);
  expect(offsets.firstShift(at - 2 * 24 * HOUR, at)).toEqual({ at, before: before * HOUR, after: after * HOUR });
  expect(offsets.lastShift(at - 1, at + 24 * HOUR)).toEqual({ at, before: before * HOUR, after: after * HOUR });
  expect([offsets.at(at - 1), offsets.at(at)]).toEqual([before * HOUR, after * HOUR]);
  expect(offsets.firstShift(at, at + 24 * HOUR)).toBeUndefined();
  expect(offsets.lastShift(at - 24 * HOUR, at - 1)).toBeUndefined();
});

test("a shift is found whichever way time is walked, and whatever was asked before", () => {
  const forwards = new ZoneOffsets("Asia/Gaza");
  const backwards = new ZoneOffsets("Asia/Gaza");
  const from = Date.UTC(2020, 0, 1);
  const to = Date.UTC(2040, 0, 1);
  const first: number[] = [];
  for (let at = forwards.firstShift(from, to)?.at; at !== undefined; at = forwards.firstShift(at, to)?.at)
    first.push(at);
  const last: number[] = [];
  for (let at = backwards.lastShift(from, to)?.at; at !== undefined; at = backwards.lastShift(from, at - 1)?.at)
    last.push(at);
  expect(first.length).toBeGreaterThanOrEqual(40);
  expect(last.toReversed()).toEqual(first);
});

test("before anybody set a clock a zone has the time of its sun", () => {
  const offsets = new ZoneOffsets("Europe/Zurich");
  const sun = (34 * 60 + 8) * 1_000;
  expect(offsets.at(Date.UTC(1800, 0, 1))).toBe(sun);
  expect(offsets.at(new Date("-002000-01-01T00:00:00Z").getTime())).toBe(sun);
});
