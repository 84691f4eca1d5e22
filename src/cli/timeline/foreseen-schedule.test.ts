import { expect, test } from "vitest";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { foreseenSchedule, type SchedulePlace } from "./foreseen-schedule.ts";

const ORIGIN = at("2026-01-01T10:30Z");

test("a schedule goes on where it has been decided, whole steps from there", () => {
  expect(start({ mark: at("2026-01-03T00:00Z") })).toEqual({ kind: "instant", at: at("2026-01-03T00:00Z") });
  // Changed at noon: the first run after that works on part of the step, and fires when the step ends.
  expect(start({ mark: at("2026-01-03T12:00Z") })).toEqual({ kind: "instant", at: at("2026-01-03T00:00Z") });
  expect(start({})).toEqual({ kind: "instant", at: at("2026-01-01T00:00Z") });
});

test("one that has not begun keeps the start that it has", () => {
  const own = { kind: "date", date: "2026-02-01" } as const;
  expect(start({ spec: spec({ start: own }) })).toEqual(own);
});

test("@once is foreseen as long as it has not fired", () => {
  const once = spec({ timing: { kind: "once" } });
  expect(start({ spec: once })).toEqual({ kind: "instant", at: ORIGIN });
  expect(foreseenSchedule(place({ spec: once, mark: ORIGIN }))).toBe("ended");
});

test.each([
  ["off", { spec: spec({ enabled: false }) }],
  ["off", { rest: "off" }],
  ["ended", { rest: "ended" }],
  ["fault", { fault: { message: "no", since: 0, times: 1 } }],
  ["code", { spec: spec({ timing: { kind: "code" } }) }],
] as const)("nothing is foreseen of one that is %s", (why, more) => {
  expect(foreseenSchedule(place(more))).toBe(why);
});

function start(more: Partial<SchedulePlace>): ScheduleSpec["start"] {
  const schedule = foreseenSchedule(place(more));
  return typeof schedule === "string" ? undefined : schedule.start;
}

function place(more: Partial<SchedulePlace>): SchedulePlace {
  return { spec: spec({}), origin: ORIGIN, ...more };
}

function spec(more: Partial<ScheduleSpec>): ScheduleSpec {
  const timing = { kind: "cron", expression: "0 0 * * *" } as const;
  return { name: "main", timezone: "UTC", timing, catchUp: "latest", graceMs: 0, enabled: true, params: {}, ...more };
}

function at(text: string): number {
  return Date.parse(text);
}
