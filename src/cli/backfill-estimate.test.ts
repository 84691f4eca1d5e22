import { expect, test } from "vitest";
import type { BackfillRecord } from "../store/backfill-records.ts";
import { standstill, timeLeft } from "./backfill-estimate.ts";
import { RecordedOutput } from "./rows-for-tests.ts";
import { progressLine, progressText } from "./terminal/backfill-text.ts";

const NO_RUNS = { queued: 0, running: 0, cancelling: 0, success: 0, failed: 0, cancelled: 0 };
const NONE = { in_flight: 0, succeeded: 0, failed: 0, filtered: 0 };

test("before runs of it have ended, what runs took before tells how long it will take", () => {
  const fresh = record({ intervals: 80, maxActive: 8 });
  expect(timeLeft(fresh, { runMs: 1_000, watchedMs: 0, ended: 0, stillMs: 0 })).toBe(10_000);
  expect(timeLeft(fresh, { watchedMs: 0, ended: 0, stillMs: 0 })).toBeUndefined();
});

test("then its own pace does, and intervals that are left as they are take no time", () => {
  const half = record({
    intervals: 100,
    runs: { ...NO_RUNS, success: 20, failed: 4, running: 1 },
    skipped: { ...NONE, succeeded: 25 },
  });
  // Half of the intervals are run: 25 of the 50 that are left, beside the one that runs.
  expect(timeLeft(half, { runMs: 1, watchedMs: 48_000, ended: 24, stillMs: 0 })).toBe(52_000);
});

test("the bar says how far it is, and elsewhere a line does", () => {
  const backfill = record({ intervals: 48, runs: { ...NO_RUNS, success: 10, failed: 2, running: 3 } });
  expect(progressLine(backfill, { leftMs: 61_000, stillMs: undefined }, new RecordedOutput())).toBe(
    "backfill 7 of daily  ██████░░░░░░░░░░░░░░░░░░  12/48 done · 3 running · 2 failed · about 1 min 01 s left",
  );
  expect(
    progressText({ ...backfill, state: "paused" }, { leftMs: 61_000, stillMs: 61_000 }, new RecordedOutput()),
  ).toBe("backfill 7 of daily: 12/48 done · 3 running · 2 failed · paused");
});

test("a backfill that stands still, as when a run of a dependsOnPast has failed, says so in place of an estimate", () => {
  expect(standstill({ stillMs: 29_000 })).toBeUndefined();
  expect(standstill({ stillMs: 31_000 })).toBe(31_000);
  expect(standstill({ stillMs: 31_000, runMs: 20_000 })).toBeUndefined();
  const backfill = record({ intervals: 8, runs: { ...NO_RUNS, success: 5, failed: 1, running: 2 } });
  expect(progressText(backfill, { leftMs: 34_000, stillMs: 31_000 }, new RecordedOutput())).toBe(
    "backfill 7 of daily: 6/8 done · 2 running · 1 failed · nothing has ended for 31 s: batuta why daily says what it waits for",
  );
});

function record(more: Partial<BackfillRecord>): BackfillRecord {
  return {
    ...{
      id: 7,
      project: "shop",
      pipeline: "daily",
      versionHash: "v",
      requestKey: "k",
      state: "running",
      actor: "anna",
    },
    request: {
      ...{ timing: { kind: "every", ms: 1 }, timezone: "UTC", from: "", to: "", reprocess: "missing", params: {} },
      ...{ order: "oldest_first", isSingleRun: false },
    },
    ...{ range: { start: 0, end: 48 }, intervals: 48, maxActive: 8, skipped: NONE, runs: NO_RUNS },
    ...{ isRetrying: false, createdAt: 0 },
    ...more,
  };
}
