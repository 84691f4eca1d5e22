import fc from "fast-check";
import { expect, test } from "vitest";
import { comingTick } from "./coming-tick.ts";
import { intervalsBetween, type ScheduleCalendar } from "./intervals-between.ts";

const NOW = Date.UTC(2026, 10, 26, 12);
const DAY_MS = 86_400_000;
const OFFICE = { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1_080 };

function calendar(expression: string, more: Partial<ScheduleCalendar> = {}): ScheduleCalendar {
  return { timing: { kind: "cron", expression }, timezone: "Europe/Berlin", ...more };
}

function told(schedule: ScheduleCalendar): string {
  const coming = comingTick(schedule, NOW);
  if (coming.kind === "tick") return new Date(coming.at).toISOString().slice(0, 16);
  return coming.kind === "unknown" ? "unknown" : `${coming.kind} ${coming.held.map(({ reason }) => reason.by).join()}`;
}

test.each([
  [calendar("30 5 * * *"), "2026-11-27T04:30"],
  [calendar("30 5 * * *", { filter: { holidays: ["2026-11-27", "2026-11-28"] } }), "2026-11-29T04:30"],
  [calendar("* * * * *", { filter: { windows: [{ ...OFFICE, days: [1] }] } }), "2026-11-30T07:00"],
  [calendar("30 5 * * *", { filter: { windows: [OFFICE] } }), "held windows"],
  [calendar("* * * * * *", { filter: { blackout: [{ from: "2026-01-01", to: "2099-12-31" }] } }), "held blackout"],
  [calendar("0 9 * * *", { filter: { blackout: [{ from: "2026-01-01", to: "2027-06-30" }] } }), "2027-07-01T07:00"],
  // The next first of January that is a Wednesday.
  [calendar("0 0 1 1 *", { filter: { windows: [{ days: [3], fromMinute: 0, toMinute: 1_440 }] } }), "2030-12-31T23:00"],
  [calendar("0 9 * * *", { end: { kind: "date", date: "2026-01-01" } }), "over "],
  [calendar("0 9 * * *", { start: { kind: "date", date: "2031-05-01" } }), "2031-05-02T07:00"],
  [
    calendar("0 9 * * *", {
      end: { kind: "date", date: "2026-12-01" },
      filter: { windows: [{ days: [0], fromMinute: 0, toMinute: 60 }], holidays: ["2026-11-29"] },
    }),
    "over windows,holiday",
  ],
  [
    calendar("0 9 * * 1", { start: { kind: "date", date: "2026-12-01" }, end: { kind: "date", date: "2026-12-04" } }),
    "over ",
  ],
  [{ timing: { kind: "once" }, timezone: "UTC" }, "over "],
] as const)("%j comes next, or is left out: %s", (schedule, expected) => {
  expect(told(schedule)).toBe(expected);
});

test("TI-8: it is the tick that a walk over all of them finds, about every change of clocks", () => {
  const expression = fc.constantFrom(
    "*/7 * * * *",
    "30 * * * *",
    "15 2 * * *",
    "0,40 1-3 * * *",
    "5 0 * * 1",
    "0 12 L * *",
  );
  const minute = fc.integer({ min: 0, max: 1_439 });
  const days = fc.option(fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }), { nil: undefined });
  const window = fc.tuple(minute, minute, days).map(([fromMinute, length, some]) => ({
    ...(some === undefined ? {} : { days: some.toSorted() }),
    fromMinute,
    toMinute: (fromMinute + 1 + (length % 1_439)) % 1_440,
  }));
  const dates = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });
  const zones = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Asuncion");
  const from = fc.constantFrom(
    Date.UTC(2026, 9, 23),
    Date.UTC(2026, 2, 6),
    Date.UTC(2026, 2, 27),
    Date.UTC(2026, 3, 3),
  );
  const hour = fc.integer({ min: 0, max: 72 });
  const windows = fc.array(window, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.tuple(expression, windows, dates, zones, from, hour),
      ([text, some, off, timezone, begin, hours]) => {
        const holidays = off.map((day) => new Date(begin + day * DAY_MS).toISOString().slice(0, 10)).toSorted();
        const schedule = calendar(text, { timezone, filter: { windows: some, holidays } });
        const after = begin + hours * 3_600_000;
        const found = comingTick(schedule, after);
        const walked = walk(schedule, after);
        if (walked !== undefined) expect(found).toEqual({ kind: "tick", at: walked });
        else if (found.kind === "tick") expect(found.at).toBeGreaterThan(after + WALK_MS);
      },
    ),
    { numRuns: 150 },
  );
});

const WALK_MS = 60 * DAY_MS;

function walk(schedule: ScheduleCalendar, after: number): number | undefined {
  const range = {
    from: { kind: "instant", at: after - 40 * DAY_MS },
    to: { kind: "instant", at: after + WALK_MS },
  } as const;
  for (const { interval, filtered } of intervalsBetween(schedule, range, "oldest_first")) {
    if (interval.end > after && filtered === undefined) return interval.end;
  }
  return undefined;
}
