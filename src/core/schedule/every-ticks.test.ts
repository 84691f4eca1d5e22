import { expect, test } from "vitest";
import { EveryTicks } from "./every-ticks.ts";

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
