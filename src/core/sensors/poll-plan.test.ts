import { expect, test } from "vitest";
import { lostPollMs, waitAfterError, waitAfterPoll } from "./poll-plan.ts";

const GROWING = { firstMs: 5_000, factor: 2, maxMs: 60_000 };
const FIXED = { firstMs: 10_000, factor: 1, maxMs: 10_000 };

test("WT-1: polls back off up to the longest wait, each no more than a tenth sooner than planned", () => {
  for (const [polls, planned] of [
    [0, 5_000],
    [1, 10_000],
    [3, 40_000],
    [4, 60_000],
    [5_000, 60_000],
  ] as const) {
    const waitMs = waitAfterPoll(GROWING, { polls, errors: 0, seed: "7" });
    expect(waitMs).toBeLessThanOrEqual(planned);
    expect(waitMs).toBeGreaterThanOrEqual(planned * 0.9);
  }
});

test("WT-1: the same poll of the same sensor always waits as long, and sensors that began together drift apart", () => {
  const wait = (seed: string): number => waitAfterPoll(FIXED, { polls: 0, errors: 0, seed });
  expect(wait("7")).toBe(wait("7"));
  expect(new Set(Array.from({ length: 100 }, (_, sensor) => wait(String(sensor)))).size).toBeGreaterThan(80);
});

test("WT-1: errors in a row let a sensor look less often, down to five minutes, and one too many is the last", () => {
  const rules = { pollEvery: FIXED, errorsMax: 10 };
  const waits = Array.from({ length: 10 }, (_, errors) => waitAfterError(rules, { polls: errors, errors, seed: "7" }));
  const planned = [20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000, 300_000, 300_000];
  for (const [errors, longest] of planned.entries()) {
    expect(waits[errors]).toBeLessThanOrEqual(longest);
    expect(waits[errors]).toBeGreaterThanOrEqual(longest * 0.9);
  }
  expect(waits[9]).toBeUndefined();
  const rare = { pollEvery: { firstMs: 3_600_000, factor: 1, maxMs: 3_600_000 }, errorsMax: 10 };
  expect(waitAfterError(rare, { polls: 0, errors: 5, seed: "7" })).toBeGreaterThanOrEqual(3_600_000 * 0.9);
});

test("B41: a poll counts as lost only when its own time-out is well over", () => {
  expect(lostPollMs({ pollTimeoutMs: 30_000 })).toBe(40_000);
});
