import { expect, test } from "vitest";
import type { DataInterval } from "../instant.ts";
import type { RunState } from "../state.ts";
import type { IntervalRun } from "./decide-interval.ts";
import { planStep, type StepFacts } from "./plan-step.ts";

const DAY = 86_400_000;
/** Jan 3-9 daily with the 5th success, the 6th failed, the 7th running. */
const JANUARY = [3, 4, 5, 6, 7, 8, 9].map((number) => ({ interval: day(number) }));
const RUNS = [run(7, "running"), run(6, "failed"), run(5, "success")];

test.each([
  ["missing", [3, 4, 8, 9], { in_flight: 1, succeeded: 1, failed: 1, filtered: 0 }],
  ["failed", [3, 4, 6, 8, 9], { in_flight: 1, succeeded: 1, failed: 0, filtered: 0 }],
  ["all", [3, 4, 5, 6, 8, 9], { in_flight: 1, succeeded: 0, failed: 0, filtered: 0 }],
] as const)("BF-2: %s runs %j", (reprocess, days, skipped) => {
  const step = plan({ reprocess });
  expect(step.runs).toEqual(days.map(day));
  expect(step.skipped).toEqual(skipped);
  expect(step.cursor).toBe(day(9).end);
  expect(step.left).toHaveLength(7 - days.length);
});

test("BF-2: the newest run of an interval speaks for it", () => {
  expect(plan({ runs: [run(5, "failed"), run(5, "success")], reprocess: "failed" }).runs).toHaveLength(7);
  expect(plan({ runs: [run(5, "success"), run(5, "failed")], reprocess: "failed" }).runs).toHaveLength(6);
  expect(plan({ runs: [run(5, "cancelled")], reprocess: "failed" }).runs).toHaveLength(7);
  expect(plan({ runs: [run(5, "cancelling")], reprocess: "all" }).skipped.in_flight).toBe(1);
});

test("BF-2: one run over several intervals speaks for each, and so does a partial one for that which it ends", () => {
  const wide = { start: day(4).start, end: day(6).end, state: "success" } as const;
  expect(plan({ runs: [wide] }).runs).toEqual([3, 7, 8, 9].map(day));
  expect(plan({ runs: [run(5, "failed"), wide], reprocess: "failed" }).runs).toEqual([3, 5, 7, 8, 9].map(day));
  const partial = { start: day(5).start + 1, end: day(5).end, state: "success" } as const;
  expect(plan({ runs: [partial] }).runs).toEqual([3, 4, 6, 7, 8, 9].map(day));
});

test("TI-8: what the calendar leaves out stays left out, whatever is asked for", () => {
  const intervals = JANUARY.map((one, index) => (index < 2 ? { ...one, filtered: { by: "windows" } as const } : one));
  expect(plan({ intervals, reprocess: "all" })).toMatchObject({ skipped: { filtered: 2 } });
  expect(plan({ intervals, reprocess: "all" }).runs).toEqual([5, 6, 8, 9].map(day));
});

test("a step stops before the first interval for which there is no room, and goes on there", () => {
  const first = plan({ room: 3 });
  expect(first.runs).toEqual([3, 4, 8].map(day));
  expect(first.cursor).toBe(day(8).end);
  expect(plan({ room: 0 })).toEqual({
    runs: [],
    skipped: { in_flight: 0, succeeded: 0, failed: 0, filtered: 0 },
    left: [],
  });
  expect(plan({ room: 0, intervals: JANUARY.slice(2) }).cursor).toBe(day(7).end);
});

test("BF-4: newest first, a step stands at the start of what it has decided", () => {
  const step = plan({ order: "newest_first", intervals: JANUARY.toReversed(), room: 2 });
  expect(step.runs).toEqual([9, 8].map(day));
  expect(step.cursor).toBe(day(5).start);
});

function plan(facts: Partial<StepFacts>): ReturnType<typeof planStep> {
  const all = { intervals: JANUARY, runs: RUNS, order: "oldest_first", reprocess: "missing", room: 99 } as const;
  return planStep({ ...all, ...facts });
}

function day(number: number): DataInterval {
  return { start: (number - 1) * DAY, end: number * DAY };
}

function run(number: number, state: RunState): IntervalRun {
  return { ...day(number), state };
}
