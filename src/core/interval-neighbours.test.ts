import { expect, test } from "vitest";
import { neighboursOf } from "./interval-neighbours.ts";

const ZURICH = { name: "main", timezone: "Europe/Zurich" };

test("TI-1: the steps beside an interval touch it, with the dates of the schedule's zone", () => {
  // Clocks go forward on the 26th.
  const schedule = { ...ZURICH, timing: { kind: "cron", expression: "0 0 * * *" } } as const;
  expect(neighboursOf(interval("2023-03-25T23:00Z", "2023-03-26T22:00Z"), schedule)).toEqual({
    prev: { interval: interval("2023-03-24T23:00Z", "2023-03-25T23:00Z"), ds: "2023-03-25" },
    next: { interval: interval("2023-03-26T22:00Z", "2023-03-27T22:00Z"), ds: "2023-03-27" },
  });
});

test("TI-1: steps of elapsed time have neighbours too", () => {
  const schedule = { ...ZURICH, timing: { kind: "every", ms: 600_000 } } as const;
  const { prev, next } = neighboursOf(interval("2023-03-26T00:00Z", "2023-03-26T00:10Z"), schedule);
  expect(prev?.interval).toEqual(interval("2023-03-25T23:50Z", "2023-03-26T00:00Z"));
  expect(next?.interval).toEqual(interval("2023-03-26T00:10Z", "2023-03-26T00:20Z"));
});

test.each([undefined, { kind: "once" }, { kind: "continuous", gapMs: 0 }, { kind: "code" }] as const)(
  "TI-1: a schedule whose ticks are not on the calendar, or are gone, has no steps: %j",
  (timing) => {
    const schedule = timing === undefined ? ZURICH : { ...ZURICH, timing };
    expect(neighboursOf(interval("2023-03-26T00:00Z", "2023-03-26T00:10Z"), schedule)).toEqual({});
  },
);

test("TI-2: a run of no schedule has none", () => {
  expect(neighboursOf(interval("2023-03-26T00:00Z", "2023-03-26T00:00Z"), undefined)).toEqual({});
});

function interval(start: string, end: string) {
  return { start: Date.parse(start), end: Date.parse(end) };
}
