import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BatutaError } from "../problem.ts";
import { cronTicks } from "./cron-ticks.ts";
import type { Ticks } from "./ticks.ts";
import { ticksOf } from "./ticks-of.ts";

/** Fields as people write them, and as they do not. */
const NUMBER = (min: number, max: number) => fc.integer({ min, max }).map(String);
const RANGE = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })).map((pair) => pair.toSorted((a, b) => a - b).join("-"));
const FIELD = (min: number, max: number) => {
  const item = fc.oneof(NUMBER(min, max), RANGE(min, max), fc.constantFrom("*", "*/2", "*/5", "*/7"));
  return fc.oneof(
    item,
    fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(",")),
  );
};
const DAY_OF_MONTH = fc.oneof(FIELD(1, 28), fc.constantFrom("*", "L", "LW", "15W", "1W", "31", "30,31"));
const DAY_OF_WEEK = fc.oneof(FIELD(0, 7), fc.constantFrom("*", "MON-FRI", "SUN#1", "5L", "SAT,7"));
const EXPRESSION = fc
  .tuple(
    FIELD(0, 59),
    FIELD(0, 23),
    DAY_OF_MONTH,
    fc.oneof(fc.constant("*"), fc.constantFrom("1,3,10", "MAR-NOV")),
    DAY_OF_WEEK,
  )
  .chain((fields) =>
    fc.option(FIELD(0, 59), { freq: 5 }).map((second) => (second === null ? [] : [second]).concat(fields)),
  )
  .map((fields) => fields.join(" "));
const ZONE = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
const INSTANT = fc.date({ min: new Date("1905-01-01"), max: new Date("2080-01-01"), noInvalidDate: true }).map(Number);

test("B52: ticks are monotone and total in any zone, and the same forwards and backwards", () => {
  fc.assert(
    fc.property(EXPRESSION, ZONE, INSTANT, (expression, timezone, instant) => {
      const ticks = ticksThatCome(expression, timezone);
      const next = ticks.after(instant);
      const last = ticks.before(instant);
      if (next === undefined || last === undefined) throw new Error("Every one of these fires again and again.");
      expect(next).toBeGreaterThan(instant);
      expect(last).toBeLessThan(instant);
      expect(ticks.before(next)).toBeLessThanOrEqual(instant);
      expect(ticks.after(last)).toBeGreaterThanOrEqual(instant);
      expect(ticks.after(next - 1)).toBe(next);
      expect(ticks.before(last + 1)).toBe(last);
      expect(ticks.atOrBefore(next)).toBe(next);
      expect(ticks.before(ticks.after(next) ?? 0)).toBe(next);
      expect(ticks.after(ticks.before(last) ?? 0)).toBe(last);
      // Nothing is between the two but the instant itself.
      expect([next, instant]).toContain(ticks.after(last));
    }),
    { numRuns: 2_000 },
  );
});

/** Some ask for what no calendar has: the weekday nearest to the first, if it is a Sunday. */
function ticksThatCome(expression: string, timezone: string): Ticks {
  try {
    return cronTicks({ expression, timezone });
  } catch (error) {
    fc.pre(!(error instanceof BatutaError && error.message.includes("never fires")));
    throw error;
  }
}

test("B52: steps of days and of elapsed time are monotone and total as well", () => {
  const timing = fc.oneof(
    fc.record({ kind: fc.constant("every" as const), ms: fc.integer({ min: 1_000, max: 10 ** 9 }) }),
    fc.record({ kind: fc.constant("every_days" as const), days: fc.integer({ min: 1, max: 60 }), anchor: INSTANT }),
  );
  fc.assert(
    fc.property(timing, ZONE, INSTANT, (one, timezone, instant) => {
      const ticks = ticksOf({ timing: one, timezone });
      const next = ticks.after(instant) ?? 0;
      const last = ticks.before(instant) ?? 0;
      expect(next).toBeGreaterThan(instant);
      expect(last).toBeLessThan(instant);
      expect(ticks.after(next - 1)).toBe(next);
      expect(ticks.before(last + 1)).toBe(last);
      expect(ticks.before(next)).toBeLessThanOrEqual(instant);
      expect([next, instant]).toContain(ticks.after(last));
    }),
    { numRuns: 500 },
  );
});

test("a process in another zone finds the same ticks", () => {
  const asked = [
    ["0 2 * * *", "Europe/Zurich", Date.UTC(2023, 9, 25)],
    ["*/30 * * * *", "Europe/Zurich", Date.UTC(2023, 9, 29)],
    ["30 2 * * *", "America/New_York", Date.UTC(2024, 2, 8)],
    ["0 0 L * *", "Pacific/Apia", Date.UTC(2011, 11, 1)],
    ["15 2 * * *", "Australia/Lord_Howe", Date.UTC(2024, 9, 4)],
    ["0 0 * * *", "UTC", Date.UTC(2011, 11, 28)],
  ] as const;
  const here = asked.map(([expression, timezone, from]) => {
    const found: number[] = [];
    const ticks = cronTicks({ expression, timezone });
    for (let at = ticks.after(from); at !== undefined && found.length < 200; at = ticks.after(at)) found.push(at);
    return found;
  });
  for (const TZ of ["Pacific/Apia", "America/St_Johns", "Europe/Lisbon"])
    expect([TZ, elsewhere(TZ, asked)]).toEqual([TZ, here]);
});

/** What a process finds whose own clocks are those of another zone. */
function elsewhere(TZ: string, asked: readonly (readonly [string, string, number])[]): unknown {
  const program = `
    const { cronTicks } = await import(${JSON.stringify(resolve(import.meta.dirname, "cron-ticks.ts"))});
    const found = ${JSON.stringify(asked)}.map(([expression, timezone, from]) => {
      const ticks = cronTicks({ expression, timezone });
      const list = [];
      for (let at = ticks.after(from); list.length < 200; at = ticks.after(at)) list.push(at);
      return list;
    });
    console.log(JSON.stringify({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, found }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    env: { TZ },
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  const answer: unknown = JSON.parse(stdout);
  expect(answer).toHaveProperty("zone", TZ);
  return typeof answer === "object" && answer !== null && "found" in answer ? answer.found : undefined;
}
