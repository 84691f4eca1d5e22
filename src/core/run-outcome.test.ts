import { expect, test } from "vitest";
import { countsAsFailing, decideRunOutcome, isSeriesOfFailures } from "./run-outcome.ts";
import { TASK_RUN_STATES } from "./state.ts";

test("RS-1: a run fails iff a task run is failed or cancelled without allowFailure", () => {
  expect(TASK_RUN_STATES.filter((state) => countsAsFailing(state, false))).toEqual(["failed", "cancelled"]);
  expect(TASK_RUN_STATES.filter((state) => countsAsFailing(state, true))).toEqual([]);
  expect(decideRunOutcome({ unfinished: 0, failing: 0, cancelling: false })).toBe("success");
  expect(decideRunOutcome({ unfinished: 0, failing: 1, cancelling: false })).toBe("failed");
});

test("RS-2: a run is finished iff all its task runs are, whatever has failed", () => {
  for (const cancelling of [false, true]) {
    expect(decideRunOutcome({ unfinished: 1, failing: 3, cancelling })).toBeUndefined();
  }
});

test("RS-4, RS-5: a run that its time-out or its first failure has stopped ends as failed", () => {
  for (const reason of ["timeout", "fail_fast"]) {
    expect(decideRunOutcome({ unfinished: 0, failing: 0, cancelling: true, reason })).toBe("failed");
    expect(decideRunOutcome({ unfinished: 1, failing: 0, cancelling: true, reason })).toBeUndefined();
  }
  expect(decideRunOutcome({ unfinished: 0, failing: 0, cancelling: true, reason: "operator: anna" })).toBe("cancelled");
});

test("RS-7: a run that was cancelled ends as cancelled", () => {
  expect(decideRunOutcome({ unfinished: 0, failing: 2, cancelling: true })).toBe("cancelled");
});

test("RS-6: a series of failures is so many ended runs in a row that failed, cancelled ones left out", () => {
  expect(isSeriesOfFailures(["failed", "failed"], 2)).toBe(true);
  expect(isSeriesOfFailures(["failed", "cancelled", "failed", "success"], 2)).toBe(true);
  expect(isSeriesOfFailures(["failed", "success", "failed"], 2)).toBe(false);
  expect(isSeriesOfFailures(["failed"], 2)).toBe(false);
  expect(isSeriesOfFailures(["failed", "success"], 1)).toBe(true);
});
