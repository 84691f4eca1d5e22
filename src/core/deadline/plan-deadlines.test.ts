import { expect, test } from "vitest";
import type { PipelineSpec } from "../manifest.ts";
import type { ScheduleSpec } from "../schedule/schedule-spec.ts";
import { planDeadlines } from "./plan-deadlines.ts";

const FRIDAY = Date.UTC(2026, 0, 2, 6);
const DAY_MS = 86_400_000;
const DAILY: ScheduleSpec = {
  ...{ name: "main", timezone: "UTC", timing: { kind: "cron", expression: "0 6 * * *" } },
  ...{ catchUp: "latest", graceMs: 0, enabled: true, params: {} },
};

/** Of the run of Friday's tick: until when it has to end before the next interval. */
function dueAt(more: Partial<ScheduleSpec>): number | undefined {
  const deadlines = [{ kind: "before_next" }] as const;
  const pipeline: PipelineSpec = {
    ...{ name: "daily", location: { file: "daily.ts", line: 1 }, tags: [], timezone: "UTC", tasks: [], graphHash: "" },
    ...{ schedules: [{ ...DAILY, ...more }], deadlines },
  };
  const interval = { start: FRIDAY - DAY_MS, end: FRIDAY };
  const facts = { createdAt: FRIDAY, interval, timezone: "UTC", trigger: "schedule", schedule: "main" };
  return planDeadlines(pipeline, { ...facts, usualMs: () => undefined })[0]?.dueAt;
}

test("before the next interval is before the next tick that makes a run, whatever is held back until then", () => {
  const workdays = { windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 0, toMinute: 1_440 }] };
  expect(dueAt({})).toBe(FRIDAY + DAY_MS);
  expect(dueAt({ filter: workdays })).toBe(FRIDAY + 3 * DAY_MS);
  expect(dueAt({ filter: { ...workdays, holidays: ["2026-01-05"] } })).toBe(FRIDAY + 4 * DAY_MS);
});

test("the last run of a schedule has no next one to be late for", () => {
  expect(dueAt({ end: { kind: "date", date: "2026-01-01" } })).toBeUndefined();
  expect(dueAt({ filter: { blackout: [{ from: "2026-01-03", to: "2099-12-31" }] } })).toBeUndefined();
});
