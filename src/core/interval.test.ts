import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localDate, type ManualRun, manualInterval } from "./interval.ts";

const NOW = Date.parse("2023-03-28T12:34:56.789Z");
const DAILY = cron("0 6 * * *", "Europe/Berlin");

describe("TI-2: without a schedule", () => {
  test("a run takes the moment of its trigger", () => {
    expect(manualInterval({ timezone: "UTC", now: NOW })).toEqual({
      interval: { start: NOW, end: NOW },
      ds: "2023-03-28",
    });
    expect(manualInterval({ timezone: "Pacific/Kiritimati", now: NOW }).ds).toBe("2023-03-29");
  });

  test.each([
    ["2023-03-25", "Europe/Zurich", "2023-03-24T23:00:00Z", "2023-03-25T23:00:00Z"],
    ["2023-03-26", "Europe/Zurich", "2023-03-25T23:00:00Z", "2023-03-26T22:00:00Z"],
    ["2023-10-29", "Europe/Zurich", "2023-10-28T22:00:00Z", "2023-10-29T23:00:00Z"],
    // Clocks went from 00:00 to 01:00: that day has no midnight.
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"],
    // Clocks went back from 00:00 to 23:00 at the end of that day, which has 25 hours.
    ["2018-02-17", "America/Sao_Paulo", "2018-02-17T02:00:00Z", "2018-02-18T03:00:00Z"],
    ["2024-04-07", "Australia/Lord_Howe", "2024-04-06T13:00:00Z", "2024-04-07T13:30:00Z"],
    ["2001-01-03", "UTC", "2001-01-03T00:00:00Z", "2001-01-04T00:00:00Z"],
    ["0001-01-01", "UTC", "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"],
  ])("the day %s in %s is from %s to %s", (date, timezone, start, end) => {
    expect(manualInterval({ date, timezone, now: NOW })).toEqual({ interval: interval(start, end), ds: date });
  });

  test("a day that the clocks left out is refused", () => {
    expect(refusal({ date: "2011-12-30", timezone: "Pacific/Apia" }).message).toContain("2011-12-30");
    const before = manualInterval({ date: "2011-12-29", timezone: "Pacific/Apia", now: NOW });
    const after = manualInterval({ date: "2011-12-31", timezone: "Pacific/Apia", now: NOW });
    expect(before.interval.end).toBe(after.interval.start);
  });

  test("days follow each other without gap or overlap, in any zone, and hold the dates that clocks show", () => {
    const zones = fc.constantFrom("Europe/London", "America/Havana", "Asia/Beirut", "Africa/Cairo", "America/St_Johns");
    const dates = fc.date({ min: new Date("1990-01-01"), max: new Date("2035-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(zones, dates, (timezone, drawn) => {
        const date = drawn.toISOString().slice(0, 10);
        const next = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
        const today = manualInterval({ date, timezone, now: NOW });
        const tomorrow = manualInterval({ date: next, timezone, now: NOW });
        expect(today.interval.end).toBe(tomorrow.interval.start);
        const middle = (today.interval.start + today.interval.end) / 2;
        expect([localDate(today.interval.start, timezone), localDate(middle, timezone)]).toEqual([date, date]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("TI-1, TI-2: with a schedule", () => {
  test("a run takes the last complete interval", () => {
    const { interval: found, ds } = manualInterval({ schedule: DAILY, timezone: "UTC", now: NOW });
    expect(found).toEqual(interval("2023-03-27T04:00:00Z", "2023-03-28T04:00:00Z"));
    expect(ds).toBe("2023-03-27");
  });

  test("an interval is complete at the very instant of its tick", () => {
    const at = (now: string) => manualInterval({ schedule: DAILY, timezone: "UTC", now: Date.parse(now) }).ds;
    expect(at("2023-03-28T03:59:59.999Z")).toBe("2023-03-26");
    expect(at("2023-03-28T04:00:00.000Z")).toBe("2023-03-27");
    expect(at("2023-03-28T04:00:00.001Z")).toBe("2023-03-27");
  });

  test("a schedule that has never fired twice has no interval to offer", () => {
    const schedule = { ...DAILY, start: { kind: "date", date: "2023-03-28" } } as const;
    expect(refusal({ schedule }).message).toContain("no complete interval");
  });

  test("TI-9: a schedule that has ended offers its last one", () => {
    const schedule = { ...DAILY, end: { kind: "date", date: "2023-02-10" } } as const;
    expect(manualInterval({ schedule, timezone: "UTC", now: NOW }).ds).toBe("2023-02-10");
  });

  test("TI-8: one that the calendar holds back is not the last one, but can be asked for", () => {
    const blackout = [{ from: "2023-03-27", to: "2023-03-28" }];
    const schedule = { ...DAILY, filter: { blackout } };
    expect(manualInterval({ schedule, timezone: "UTC", now: NOW }).ds).toBe("2023-03-25");
    expect(manualInterval({ schedule, timezone: "UTC", date: "2023-03-27", now: NOW }).ds).toBe("2023-03-27");
  });

  test.each(["continuous", "code", "once"] as const)("%s has none to tell, so that a run takes its moment", (kind) => {
    const timing = kind === "continuous" ? { kind, gapMs: 0 } : { kind };
    const schedule = { timing, timezone: "Europe/Berlin" };
    expect(manualInterval({ schedule, timezone: "UTC", now: NOW })).toEqual({
      interval: { start: NOW, end: NOW },
      ds: "2023-03-28",
    });
    expect(manualInterval({ schedule, timezone: "UTC", date: "2023-03-26", now: NOW }).interval).toEqual(
      interval("2023-03-25T23:00:00Z", "2023-03-26T22:00:00Z"),
    );
  });

  test("TI-1: @once is [start, start)", () => {
    const schedule = {
      timing: { kind: "once" },
      timezone: "Europe/Berlin",
      start: { kind: "date", date: "2023-03-20" },
    } as const;
    expect(manualInterval({ schedule, timezone: "UTC", now: NOW }).interval).toEqual(
      interval("2023-03-19T23:00:00Z", "2023-03-19T23:00:00Z"),
    );
    expect(manualInterval({ schedule, timezone: "UTC", date: "2023-03-20", now: NOW }).ds).toBe("2023-03-20");
  });
});

describe("TI-9: a date with a schedule", () => {
  test("is the one interval whose start has that date in the schedule's zone", () => {
    const found = manualInterval({ schedule: DAILY, timezone: "UTC", date: "2023-03-25", now: NOW });
    expect(found).toEqual({ interval: interval("2023-03-25T05:00:00Z", "2023-03-26T04:00:00Z"), ds: "2023-03-25" });
    const tokyo = cron("0 0 * * *", "Asia/Tokyo");
    expect(manualInterval({ schedule: tokyo, timezone: "UTC", date: "2023-03-25", now: NOW }).interval).toEqual(
      interval("2023-03-24T15:00:00Z", "2023-03-25T15:00:00Z"),
    );
  });

  test("that names none is an error with the nearest ones", () => {
    const { message, hint } = refusal({ schedule: cron("0 6 * * 1", "UTC"), date: "2023-03-25" });
    expect(message).toContain("2023-03-25");
    expect(hint).toContain("2023-03-20 and 2023-03-27");
  });

  test("that names several is an error that lists them", () => {
    const { message } = refusal({ schedule: cron("0 */6 * * *", "UTC"), date: "2023-03-25" });
    expect(message).toContain("2023-03-25T00:00Z/2023-03-25T06:00Z");
    expect(message).toContain("2023-03-25T18:00Z/2023-03-26T00:00Z");
    expect(refusal({ schedule: cron("* * * * *", "UTC"), date: "2023-03-25" }).message).toContain("and more");
  });
});

describe("TI-9: an interval that is asked for", () => {
  const hourly = cron("0 */6 * * *", "Europe/Berlin");
  const asked = (text: string) => manualInterval({ schedule: hourly, timezone: "UTC", interval: text, now: NOW });

  test.each([
    "2023-03-25T05:00Z/2023-03-25T11:00Z",
    "2023-03-25T05:00:00Z",
    "2023-03-25T06:00+01:00/2023-03-25T12:00+01:00",
    "2023-03-25T06:00",
    "2023-03-25T06:00/2023-03-25T12:00",
  ])("is found by %s", (text) => {
    expect(asked(text)).toEqual({
      interval: interval("2023-03-25T05:00:00Z", "2023-03-25T11:00:00Z"),
      ds: "2023-03-25",
    });
  });

  test("that the schedule does not have is an error with the nearest ones", () => {
    for (const text of ["2023-03-25T06:00Z", "2023-03-25T05:00Z/2023-03-25T12:00Z"]) {
      const { message, hint } = refusal({ schedule: hourly, interval: text });
      expect(message).toContain(`has no interval ${text}`);
      expect(hint).toContain("2023-03-25T05:00Z/2023-03-25T11:00Z");
    }
  });

  test("is any span, or moment, of a pipeline without a schedule", () => {
    const without = (text: string) => manualInterval({ timezone: "UTC", interval: text, now: NOW }).interval;
    expect(without("2023-03-25/2023-04-01")).toEqual(interval("2023-03-25T00:00:00Z", "2023-04-01T00:00:00Z"));
    expect(without("2023-03-25T05:00Z")).toEqual(interval("2023-03-25T05:00:00Z", "2023-03-25T05:00:00Z"));
  });

  test.each([
    "",
    "/",
    "yesterday",
    "2023-03-25/",
    "/2023-03-25",
    "2023-02-30",
    "2023-03-25T25:00Z",
    "2023-03-25/2023-03-26/2023-03-27",
  ])("%j is none", (text) => {
    expect(refusal({ interval: text }).message).toContain("is not an interval");
  });

  test("ends after its start, and stands alone", () => {
    expect(refusal({ interval: "2023-03-26/2023-03-25" }).message).toContain("ends before it starts");
    expect(refusal({ interval: "2023-03-25", date: "2023-03-25" }).message).toContain("Both");
  });

  test("that a date only narrows down is named by the hint", () => {
    expect(refusal({ schedule: hourly, date: "2023-03-25" }).hint).toContain("--interval 2023-03-24T23:00Z");
  });
});

test.each(["yesterday", "2024-02-30", "2023-02-29", "2024-13-01", "2024-1-1", "20240101", "", "2024-01-01T00:00"])(
  "%j is not a date",
  (date) => {
    expect(refusal({ date })).toMatchObject({
      code: "invalid_date",
      message: expect.stringContaining("is not a date"),
    });
  },
);

function cron(expression: string, timezone: string) {
  return { timing: { kind: "cron" as const, expression }, timezone };
}

function interval(start: string, end: string) {
  return { start: Date.parse(start), end: Date.parse(end) };
}

function refusal(request: Partial<ManualRun>) {
  try {
    manualInterval({ timezone: "UTC", now: NOW, ...request });
  } catch (error) {
    return expectProblem(error, "invalid_date");
  }
  throw new Error("It was accepted.");
}

function expectProblem(error: unknown, code: string) {
  expect(error).toMatchObject({ name: "BatutaError", code });
  if (error instanceof Error && "hint" in error) return { code, message: error.message, hint: String(error.hint) };
  throw error;
}
