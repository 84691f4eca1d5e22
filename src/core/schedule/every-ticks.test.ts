import { describe, expect, test } from "vitest";
import { EveryTicks } from "./every-ticks.ts";
import type { Ticks } from "./ticks.ts";
import { ticksOf } from "./ticks-of.ts";

const MINUTE = 60_000;

test("TI-1: ten minutes count from 1970-01-01T00:00 in the schedule's zone", () => {
  const ticks = new EveryTicks({ ms: 10 * MINUTE }, "Asia/Kathmandu");
  // Kathmandu was 5:30 ahead in 1970 and is 5:45 ahead now.
  const at = Date.parse("2024-05-05T00:00:00Z");
  expect(ticks.atOrBefore(at)).toBe(at);
  expect(ticks.after(at)).toBe(at + 10 * MINUTE);
  expect(ticks.before(at)).toBe(at - 10 * MINUTE);
  expect(ticks.atOrBefore(at + 1)).toBe(at);
});

test("an anchor moves all ticks, also those before it", () => {
  const anchor = Date.parse("2024-05-05T00:03:00Z");
  const ticks = new EveryTicks({ ms: 10 * MINUTE, anchor }, "UTC");
  expect(ticks.before(anchor)).toBe(anchor - 10 * MINUTE);
  expect(ticks.after(anchor - 1)).toBe(anchor);
});

describe("TI-1: days", () => {
  const DAY = { kind: "every_days", days: 1 } as const;

  test("keep the wall clock, where 24 hours keep elapsed time", () => {
    const days = ticksOf({ timing: DAY, timezone: "Europe/Zurich" });
    const hours = ticksOf({ timing: { kind: "every", ms: 24 * 60 * MINUTE }, timezone: "Europe/Zurich" });
    expect(walk(days, "2024-03-30T12:00:00Z", 3)).toEqual(["2024-03-30T23:00", "2024-03-31T22:00", "2024-04-01T22:00"]);
    expect(walk(hours, "2024-03-30T12:00:00Z", 3)).toEqual([
      "2024-03-30T23:00",
      "2024-03-31T23:00",
      "2024-04-01T23:00",
    ]);
  });

  test("count from the anchor, at its time of day, forwards and backwards", () => {
    const anchor = Date.parse("2024-03-01T05:30:00Z");
    const ticks = ticksOf({ timing: { kind: "every_days", days: 14, anchor }, timezone: "Europe/Zurich" });
    expect(ticks.atOrBefore(anchor)).toBe(anchor);
    expect(walk(ticks, "2024-03-01T00:00:00Z", 4)).toEqual([
      "2024-03-01T05:30",
      "2024-03-15T05:30",
      "2024-03-29T05:30",
      "2024-04-12T04:30",
    ]);
    expect(ticks.before(anchor)).toBe(Date.parse("2024-02-16T05:30:00Z"));
  });

  test("leave out a day that the clocks leave out", () => {
    const ticks = ticksOf({ timing: DAY, timezone: "Pacific/Apia" });
    expect(walk(ticks, "2011-12-28T11:00:00Z", 3)).toEqual([
      "2011-12-29T10:00",
      "2011-12-30T10:00",
      "2011-12-31T10:00",
    ]);
    expect(ticks.before(Date.parse("2011-12-30T10:00:00Z"))).toBe(Date.parse("2011-12-29T10:00:00Z"));
  });
});

function walk(ticks: Ticks, from: string, count: number): readonly string[] {
  const found: string[] = [];
  for (let at = ticks.after(Date.parse(from)); at !== undefined && found.length < count; at = ticks.after(at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}
