import { expect, it } from "vitest";
import type { ScheduleSpec } from "../../core/schedule/schedule-spec.ts";
import { scheduleSummary, scheduleText } from "./schedule-text.ts";

const PLAIN: ScheduleSpec = {
  name: "main",
  timezone: "Europe/Berlin",
  timing: { kind: "cron", expression: "0 6 * * *" },
  ...{ catchUp: "latest", graceMs: 600_000, enabled: true, params: {} },
};
const RICH: ScheduleSpec = {
  ...PLAIN,
  name: "morning",
  start: { kind: "date", date: "2024-01-01" },
  end: { kind: "instant", at: Date.parse("2024-12-31T12:00Z") },
  filter: {
    windows: [{ days: [1, 2], fromMinute: 480, toMinute: 1_440 }],
    blackout: [
      { from: "2024-05-01", to: "2024-05-01" },
      { from: "2024-12-24", to: "2024-12-26" },
    ],
    calendar: "calendars/de.json",
    holidays: ["2024-10-03"],
  },
  jitterMs: 300_000,
  enabled: false,
};

it("says in short what a list has room for", () => {
  expect(scheduleSummary(PLAIN)).toBe("0 6 * * * Europe/Berlin");
  expect(scheduleSummary(RICH)).toBe("morning: 0 6 * * * Europe/Berlin (off)");
});

it("says all of it where there is a line for it", () => {
  expect(scheduleText(PLAIN)).toBe("schedule 0 6 * * * (Europe/Berlin)");
  expect(scheduleText(RICH)).toBe(
    "schedule morning: 0 6 * * * (Europe/Berlin), from 2024-01-01, to 2024-12-31T12:00:00Z, within mon,tue 08:00-24:00, not on 2024-05-01, 2024-12-24 to 2024-12-26, not on holidays of calendars/de.json, up to 5 min 00 s later, off",
  );
});
