import { expect, test } from "vitest";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { aPipeline } from "../rows-for-tests.ts";
import { scheduleReports, setAsideBefore } from "./schedule-reports.ts";

const NOW = Date.UTC(2026, 0, 2, 12);
const DAILY: ScheduleSpec = {
  ...{ name: "main", timezone: "UTC", timing: { kind: "cron", expression: "0 6 * * *" }, catchUp: "latest" },
  ...{ graceMs: 0, enabled: true, params: {} },
};

function pipeline(name: string, ...schedules: readonly Partial<ScheduleSpec>[]): PipelineSpec {
  return { ...aPipeline({ a: [] }), name, schedules: schedules.map((parts) => ({ ...DAILY, ...parts })) };
}

function told(pipelines: readonly PipelineSpec[], paused: readonly string[] = []): readonly unknown[] {
  return scheduleReports(pipelines, new Set(paused), NOW).map(({ pipeline: name, schedule, nextAt, rest }) => [
    `${name} ${schedule}`,
    nextAt === undefined ? rest : new Date(nextAt).toISOString().slice(0, 16),
  ]);
}

test("the soonest comes first, and what has no time to come last, with the reason", () => {
  const hourly = { name: "hourly", timing: { kind: "cron", expression: "30 * * * *" } } as const;
  const continuous = { timing: { kind: "continuous", gapMs: 0 } } as const;
  const pipelines = [
    pipeline("a", {}, hourly),
    pipeline("b", { enabled: false }),
    pipeline("c", continuous),
    pipeline("d", {}),
    pipeline("e", { timing: { kind: "code" } }),
  ];
  expect(told(pipelines, ["d"])).toEqual([
    ["a hourly", "2026-01-02T12:30"],
    ["a main", "2026-01-03T06:00"],
    ["b main", "off"],
    ["c main", "after its run"],
    ["d main", "paused"],
    ["e main", "asks its function"],
  ]);
});

test("TI-8, TI-9: the next time is one that bounds and filters leave", () => {
  const blackout = { filter: { blackout: [{ from: "2026-01-03", to: "2026-01-05" }] } };
  const start = { start: { kind: "date", date: "2026-02-01" } } as const;
  const end = { end: { kind: "date", date: "2025-12-31" } } as const;
  const never = { filter: { blackout: [{ from: "2026-01-01", to: "2099-12-31" }] } };
  expect(told([pipeline("a", blackout), pipeline("b", start), pipeline("c", end), pipeline("d", never)])).toEqual([
    ["a main", "2026-01-06T06:00"],
    ["b main", "2026-02-02T06:00"],
    ["c main", "no run to come: see batuta check"],
    ["d main", "no run to come: see batuta check"],
  ]);
});

test("what was set aside before is told, unless what is deployed now is yet to be tried", () => {
  const fault = { message: "no moon", since: NOW - 1_000, times: 1 };
  const record = {
    project: "shop",
    pipeline: "a",
    name: "main",
    generation: 1,
    spec: DAILY,
    origin: 0,
    nextAt: NOW + 1,
  };
  expect(setAsideBefore({ ...record, fault }, NOW)).toEqual([
    { kind: "schedule_set_aside", at: NOW, pipeline: "a", schedule: "main", message: "no moon", againAt: NOW + 1 },
  ]);
  expect(setAsideBefore({ ...record, fault: { ...fault, times: 0 } }, NOW)).toEqual([]);
  expect(setAsideBefore(record, NOW)).toEqual([]);
});
