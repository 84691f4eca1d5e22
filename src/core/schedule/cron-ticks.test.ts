import { expect, test } from "vitest";
import { CronTicks, checkCron } from "./cron-ticks.ts";

test.each([
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
])("%s in Zurich, forwards and backwards", (_, cron, from, expected) => {
  const ticks = new CronTicks({ expression: cron, timezone: "Europe/Zurich" });
  const forwards = walk(Date.parse(from), expected.length, (instant) => ticks.after(instant));
  expect(forwards.map(minutes)).toEqual(expected);
  const last = forwards.at(-1) ?? 0;
  const backwards = walk(last + 1_000, expected.length, (instant) => ticks.before(instant));
  expect(backwards.toReversed().map(minutes)).toEqual(expected);
});

test("a tick is found at its own instant", () => {
  const ticks = new CronTicks({ expression: "0 0 * * *", timezone: "UTC" });
  const midnight = Date.parse("2024-05-05T00:00:00Z");
  expect(ticks.atOrBefore(midnight)).toBe(midnight);
  expect(ticks.atOrBefore(midnight + 999)).toBe(midnight);
  expect(ticks.atOrBefore(midnight - 1)).toBe(midnight - 86_400_000);
  expect(ticks.before(midnight)).toBe(midnight - 86_400_000);
});

test.each(["0 6 * * *", "*/5 * * * *", "0 0 1 JAN MON", "30 0 6 * * *", "@daily"])("%s is a schedule", (cron) => {
  expect(() => checkCron({ expression: cron, timezone: "UTC" })).not.toThrow();
});

test.each([
  ["61 * * * *", "minute"],
  ["0 25 * * *", "hour"],
  ["0 6 * *", "parts"],
  ["tomorrow", "wrong"],
])("TI-7: %s is none, and the error names the %s", (cron, fault) => {
  expect(() => checkCron({ expression: cron, timezone: "UTC" }, { file: "sales.ts", line: 3 })).toThrow(
    expect.objectContaining({
      code: "invalid_definition",
      message: expect.stringContaining(fault),
      location: { file: "sales.ts", line: 3 },
    }),
  );
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
