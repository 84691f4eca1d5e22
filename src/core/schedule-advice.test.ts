import { expect, test } from "vitest";
import type { ScheduleSpec } from "./schedule/schedule-spec.ts";
import { scheduleAdvice } from "./schedule-advice.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const SCHEDULE: ScheduleSpec = {
  ...{ name: "main", timezone: "Europe/Berlin", timing: { kind: "cron", expression: "30 5 * * *" } },
  ...{ catchUp: "latest", graceMs: 0, enabled: true, params: {} },
};
const OFFICE = { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1_080 };
const FOR_EVER = [{ from: "2026-01-01", to: "2099-12-31" }];

function advice(more: Partial<ScheduleSpec>): readonly string[] {
  const location = { file: "pipelines/daily.ts", line: 3 };
  const found = scheduleAdvice({ name: "daily", location, schedules: [{ ...SCHEDULE, ...more }] }, NOW);
  for (const one of found) expect(one.location).toBe(location);
  return found.map(({ message, hint }) => `${message} ${hint}`);
}

const date = (text: string) => ({ kind: "date", date: text }) as const;

test("TI-8: a schedule whose filters hold back all of its ticks is told, with what holds them back", () => {
  expect(advice({ filter: { windows: [OFFICE], blackout: [{ from: "2026-12-01", to: "2026-12-01" }] } })).toEqual([
    'Schedule "main" of pipeline "daily" (30 5 * * *, Europe/Berlin) makes no run in the year to come: 2026-11-27 05:30 is outside the windows of the schedule (mon-fri 08:00-18:00); 2026-12-01 05:30 is held back by the blackout of 2026-12-01. ' +
      "Change its times, or the windows, blackout dates or calendar that hold them back; `batuta preview daily` shows what they do.",
  ]);
  const [untilEnd = ""] = advice({ filter: { holidays: ["2026-11-27"] }, end: date("2026-11-26") });
  expect(untilEnd).toContain("makes no run before its end: 2026-11-27 is a holiday of the business calendar.");
  expect(advice({ filter: { windows: [{ ...OFFICE, fromMinute: 300 }] } })).toEqual([]);
  expect(advice({ filter: { windows: [OFFICE] }, enabled: false })).toEqual([]);
});

test("TI-9: a schedule that leaves no interval between its start and its end is told", () => {
  const [over = ""] = advice({ end: date("2026-01-01") });
  expect(over).toContain("makes no run: none of its intervals ends between now and its end, 2026-01-01.");
  const weekly = { timing: { kind: "cron", expression: "0 6 * * 1" } } as const;
  const [between = ""] = advice({ ...weekly, start: date("2026-12-01"), end: date("2026-12-04") });
  expect(between).toContain("ends between its start, 2026-12-01, and its end, 2026-12-04.");
  expect(advice({ ...weekly, start: date("2026-11-30"), end: date("2026-11-30") })).toEqual([]);
});

test("what a start in the past makes up for counts, unless nothing is made up for", () => {
  const bounds = { start: date("2024-01-01"), end: date("2024-12-31") };
  expect(advice(bounds)).toEqual([]);
  expect(advice({ ...bounds, catchUp: "none" })).toHaveLength(1);
});

test("what fires once, or after its own run, is judged by its filters; what a function says is not", () => {
  const filter = { blackout: FOR_EVER };
  expect(advice({ timing: { kind: "once" }, start: date("2026-12-01"), filter })[0]).toContain("2026-12-01 00:00");
  expect(advice({ timing: { kind: "once" }, start: date("2025-12-01"), filter })).toEqual([]);
  expect(advice({ timing: { kind: "once" }, filter })).toEqual([]);
  expect(advice({ timing: { kind: "continuous", gapMs: 0 }, filter })).toHaveLength(1);
  expect(advice({ timing: { kind: "continuous", gapMs: 0 }, filter: { windows: [OFFICE] } })).toEqual([]);
  expect(advice({ timing: { kind: "code" } })).toEqual([]);
});
