import { describe, expect, test } from "vitest";
import { checkCron, cronTicks } from "./cron-ticks.ts";

const ZURICH = [
  [
    "DST-1: 03:00 across the gap",
    "0 3 * * *",
    "2023-03-23T12:00:00Z",
    ["2023-03-24T02:00", "2023-03-25T02:00", "2023-03-26T01:00", "2023-03-27T01:00"],
  ],
  [
    "DST-2: 02:00, which is missing on the 26th",
    "0 2 * * *",
    "2023-03-23T12:00:00Z",
    ["2023-03-24T01:00", "2023-03-25T01:00", "2023-03-26T01:00", "2023-03-27T00:00"],
  ],
  [
    "DST-3: 02:00, which comes twice on the 29th",
    "0 2 * * *",
    "2023-10-26T12:00:00Z",
    ["2023-10-27T00:00", "2023-10-28T00:00", "2023-10-29T00:00", "2023-10-30T01:00"],
  ],
  [
    "DST-4: every 30 minutes across the fold",
    "*/30 * * * *",
    "2023-10-28T23:59:00Z",
    ["2023-10-29T00:00", "2023-10-29T00:30", "2023-10-29T01:00", "2023-10-29T01:30", "2023-10-29T02:00"],
  ],
  [
    "a list of fixed times fires once each in the fold",
    "0,30 2 * * *",
    "2023-10-28T12:00:00Z",
    ["2023-10-29T00:00", "2023-10-29T00:30", "2023-10-30T01:00"],
  ],
  [
    "a list of fixed times is one run in the gap, at its end",
    "0,30 2,3 * * *",
    "2023-03-25T12:00:00Z",
    ["2023-03-26T01:00", "2023-03-26T01:30", "2023-03-27T00:00"],
  ],
  [
    "every minute of one hour is a wildcard: none in the gap",
    "*/30 2 * * *",
    "2023-03-25T12:00:00Z",
    ["2023-03-27T00:00", "2023-03-27T00:30"],
  ],
  [
    "every minute of one hour is a wildcard: twice in the fold",
    "*/30 2 * * *",
    "2023-10-28T12:00:00Z",
    ["2023-10-29T00:00", "2023-10-29T00:30", "2023-10-29T01:00", "2023-10-29T01:30", "2023-10-30T01:00"],
  ],
  [
    "hours as a range are fixed times: 24 of them on a day of 25 hours",
    "0 0-23 * * *",
    "2023-10-28T23:59:00Z",
    ["2023-10-29T00:00", "2023-10-29T02:00"],
  ],
] as const;

test.each(ZURICH)("%s in Zurich, forwards and backwards", (_, expression, from, expected) => {
  const ticks = cronTicks({ expression, timezone: "Europe/Zurich" });
  const forwards = walk(Date.parse(from), expected.length, (instant) => ticks.after(instant));
  expect(forwards.map(minutes)).toEqual(expected);
  const last = forwards.at(-1) ?? 0;
  const backwards = walk(last + 1_000, expected.length, (instant) => ticks.before(instant));
  expect(backwards.toReversed().map(minutes)).toEqual(expected);
});

test.each([
  // The clocks of Apia left out 30 December 2011: a day that is not there has no times.
  ["0 6 * * *", "Pacific/Apia", "2011-12-28T20:00:00Z", ["2011-12-29T16:00", "2011-12-30T16:00", "2011-12-31T16:00"]],
  [
    "0 */12 * * *",
    "Pacific/Apia",
    "2011-12-29T11:00:00Z",
    ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"],
  ],
  // Kwajalein had 20 August 1993 no more than that.
  ["30 1 * * *", "Pacific/Kwajalein", "1993-08-19T00:00:00Z", ["1993-08-19T13:30", "1993-08-20T13:30"]],
  // In Nuuk the last hour of that Saturday is missing: it is due as Sunday begins.
  ["30 23 * * *", "America/Nuuk", "2024-03-30T12:00:00Z", ["2024-03-31T01:00", "2024-04-01T00:30"]],
  // 00:00 to 01:00, so that day has no midnight.
  ["0 0 * * *", "America/Sao_Paulo", "2018-11-03T12:00:00Z", ["2018-11-04T03:00", "2018-11-05T02:00"]],
  // Half an hour.
  ["15 2 * * *", "Australia/Lord_Howe", "2024-10-05T00:00:00Z", ["2024-10-05T15:30", "2024-10-06T15:15"]],
])("%s in %s, a place with clocks of its own", (expression, timezone, from, expected) => {
  const ticks = cronTicks({ expression, timezone });
  const found = walk(Date.parse(from), expected.length, (instant) => ticks.after(instant));
  expect(found.map(minutes)).toEqual(expected);
  const end = (found.at(-1) ?? 0) + 1;
  expect(walk(end, expected.length, (instant) => ticks.before(instant)).toReversed()).toEqual(found);
});

test("a tick is found at its own instant", () => {
  const ticks = cronTicks({ expression: "0 0 * * *", timezone: "UTC" });
  const midnight = Date.parse("2024-05-05T00:00:00Z");
  expect(ticks.atOrBefore(midnight)).toBe(midnight);
  expect(ticks.atOrBefore(midnight + 999)).toBe(midnight);
  expect(ticks.atOrBefore(midnight - 1)).toBe(midnight - 86_400_000);
  expect(ticks.before(midnight)).toBe(midnight - 86_400_000);
  expect(ticks.after(midnight)).toBe(midnight + 86_400_000);
  expect(ticks.after(midnight - 1)).toBe(midnight);
});

describe("TI-7", () => {
  test.each([
    ["0 6 * * *", ["2024-01-01T06:00", "2024-01-02T06:00"]],
    ["*/25 * * * *", ["2024-01-01T00:25", "2024-01-01T00:50", "2024-01-01T01:00"]],
    ["5-20/10 8,20 * * *", ["2024-01-01T08:05", "2024-01-01T08:15", "2024-01-01T20:05"]],
    ["0 0 1 JAN,mar *", ["2024-03-01T00:00", "2025-01-01T00:00"]],
    ["0 0 * * mon-WED", ["2024-01-02T00:00", "2024-01-03T00:00", "2024-01-08T00:00"]],
    ["0 0 * * 7", ["2024-01-07T00:00", "2024-01-14T00:00"]],
    ["0 0 * * FRI-SUN", ["2024-01-05T00:00", "2024-01-06T00:00", "2024-01-07T00:00", "2024-01-12T00:00"]],
    ["0 0 L * *", ["2024-01-31T00:00", "2024-02-29T00:00", "2024-03-31T00:00"]],
    ["0 0 LW * *", ["2024-01-31T00:00", "2024-02-29T00:00", "2024-03-29T00:00"]],
    // The nearest weekday stays within its month.
    [
      "0 0 1W * *",
      ["2024-02-01T00:00", "2024-03-01T00:00", "2024-04-01T00:00", "2024-05-01T00:00", "2024-06-03T00:00"],
    ],
    ["0 0 31W * *", ["2024-01-31T00:00", "2024-03-29T00:00", "2024-05-31T00:00"]],
    ["0 0 * * 5#3", ["2024-01-19T00:00", "2024-02-16T00:00"]],
    ["0 0 * * 5L", ["2024-01-26T00:00", "2024-02-23T00:00"]],
    ["0 0 29 2 *", ["2024-02-29T00:00", "2028-02-29T00:00"]],
    [
      "0 0 1,15 * MON",
      ["2024-01-08T00:00", "2024-01-15T00:00", "2024-01-22T00:00", "2024-01-29T00:00", "2024-02-01T00:00"],
    ],
    // A step over all days thins out the weekdays, as in crontab(5), where only fields without * are either-or.
    ["0 0 */2 * MON", ["2024-01-15T00:00", "2024-01-29T00:00", "2024-02-05T00:00"]],
    ["0 0 ? * MON", ["2024-01-08T00:00", "2024-01-15T00:00"]],
    ["@yearly", ["2025-01-01T00:00", "2026-01-01T00:00"]],
    ["@annually", ["2025-01-01T00:00"]],
    ["@monthly", ["2024-02-01T00:00"]],
    ["@weekly", ["2024-01-07T00:00"]],
    ["@Daily", ["2024-01-02T00:00"]],
    ["@midnight", ["2024-01-02T00:00"]],
    ["@hourly", ["2024-01-01T01:00", "2024-01-01T02:00"]],
  ])("%s is understood", (expression, expected) => {
    const ticks = cronTicks({ expression, timezone: "UTC" });
    const found = walk(Date.parse("2024-01-01T00:00:00Z"), expected.length, (instant) => ticks.after(instant));
    expect(found.map(minutes)).toEqual(expected);
  });

  test("six fields begin with the second", () => {
    const ticks = cronTicks({ expression: "*/20 59 23 31 12 *", timezone: "UTC" });
    const found = walk(Date.parse("2024-06-01T00:00:00Z"), 4, (instant) => ticks.after(instant));
    expect(found.map((at) => new Date(at).toISOString())).toEqual([
      "2024-12-31T23:59:00.000Z",
      "2024-12-31T23:59:20.000Z",
      "2024-12-31T23:59:40.000Z",
      "2025-12-31T23:59:00.000Z",
    ]);
  });

  test("seconds of a fixed time fall together in a gap, and come once in a fold", () => {
    const ticks = cronTicks({ expression: "0,30 30 2 * * *", timezone: "Europe/Zurich" });
    const spring = walk(Date.parse("2023-03-25T12:00:00Z"), 2, (instant) => ticks.after(instant));
    expect(spring.map(minutes)).toEqual(["2023-03-26T01:00", "2023-03-27T00:30"]);
    const autumn = walk(Date.parse("2023-10-28T12:00:00Z"), 3, (instant) => ticks.after(instant));
    expect(autumn.map(minutes)).toEqual(["2023-10-29T00:30", "2023-10-29T00:30", "2023-10-30T01:30"]);
  });

  test.each([
    ["60 * * * *", "minute"],
    ["*/0 * * * *", "minute"],
    ["5/10 * * * *", "minute"],
    ["-1 * * * *", "minute"],
    ["? * * * *", "minute"],
    ["0,,5 * * * *", "minute"],
    ["0 24 * * *", "hour"],
    ["0 5-1 * * *", "hour"],
    ["0 0 0 * *", "day of month"],
    ["0 0 L-3 * *", "day of month"],
    ["0 0 1.5 * *", "day of month"],
    ["0 0 ** * *", "day of month"],
    ["0 0 1 13 *", "month"],
    ["0 0 1 janu *", "month"],
    ["0 0 * * 8", "day of week"],
    ["0 0 * * MONDAY", "day of week"],
    ["0 0 * * 1#6", "day of week"],
    ["0 0 13 * +FRI", "day of week"],
    ["60 0 0 * * *", "second"],
  ])("%s is wrong, and the error names the %s", (expression, field) => {
    const { message, hint } = refusal(expression);
    expect(message).toContain(`The ${field} of the schedule "${expression}" is wrong`);
    expect(hint).toMatch(/^It takes /);
  });

  test.each([
    ["0 6 * *", "has 4 fields"],
    ["* * * * * * *", "has 7 fields"],
    ["tomorrow", "has 1 field,"],
    ["", "has 0 fields"],
  ])("%j is wrong: it %s", (expression, fault) => {
    expect(refusal(expression).message).toContain(fault);
  });

  test.each([
    ["@dayly", '"@daily"'],
    ["@every 5m", 'every("10m")'],
    ["@reboot", "@yearly"],
  ])("%s is no name, and the hint is %s", (expression, hint) => {
    expect(refusal(expression).hint).toContain(hint);
  });

  test.each(["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "0 0 30W 2 *", "0 0 30,31 FEB ?"])(
    "%s can never fire: an error, and soon",
    (expression) => {
      expect(refusal(expression).message).toContain("never fires");
    },
  );

  test("a text of any length is refused with a message that can be read", () => {
    expect(refusal("1,".repeat(50_000)).message.length).toBeLessThan(300);
    expect(refusal(`${"1,".repeat(50_000)} * * * 9`).message.length).toBeLessThan(300);
  });
});

test("an unknown time zone is refused, with the one that was probably meant", () => {
  expect(() => checkCron({ expression: "0 6 * * *", timezone: "Europe/Berln" })).toThrow(
    expect.objectContaining({ code: "invalid_definition", hint: 'Did you mean "Europe/Berlin"?' }),
  );
});

function walk(from: number, count: number, step: (instant: number) => number | undefined): readonly number[] {
  const found: number[] = [];
  for (let instant = step(from); instant !== undefined && found.length < count; instant = step(instant)) {
    found.push(instant);
  }
  return found;
}

function minutes(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16);
}

function refusal(expression: string): { readonly message: string; readonly hint: string } {
  try {
    checkCron({ expression, timezone: "UTC" });
  } catch (error) {
    expect(error).toMatchObject({ name: "BatutaError", code: "invalid_definition", hint: expect.any(String) });
    if (error instanceof Error && "hint" in error) return { message: error.message, hint: String(error.hint) };
  }
  throw new Error("It was accepted.");
}
