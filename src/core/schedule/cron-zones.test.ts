import { describe, expect, test } from "vitest";
import { CronOracle } from "./cron-oracle-for-tests.ts";
import { cronTicks } from "./cron-ticks.ts";
import { LocalClock } from "./minute-walk-for-tests.ts";
import type { Ticks } from "./ticks.ts";

/**
 * DST-1 to DST-4, B51: all zones of the platform against a walk of real minutes through `Intl`: three days about every
 * shift of ten years, and twenty weeks at random. Zones whose clocks have shown the same are walked once.
 * `npm run test:zones` walks all of the ten years, and about the shifts of more.
 */
// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const EVERYTHING = process.env.BATUTA_ZONES === "all";
// biome-ignore lint/style/noProcessEnv: another seed draws other weeks
const SEED = Number(process.env.BATUTA_SEED ?? 1);
const FROM = Date.UTC(2016, 0, 1);
const TO = Date.UTC(2026, 0, 1);
const SHIFTS_FROM = EVERYTHING ? Date.UTC(1975, 0, 1) : FROM;
const SHIFTS_TO = EVERYTHING ? Date.UTC(2040, 0, 1) : TO;
const RANDOM_WEEKS = 20;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const EXPRESSIONS = [
  // Wildcards: all of their minute or their hour.
  ...["* * * * *", "*/5 * * * *", "*/7 * * * *", "*/30 * * * *", "0 * * * *", "30 * * * *", "5-59/20 * * * *"],
  ...["@hourly", "* 2-3 * * *", "*/15 2 * * *", "*/20 0-3 * * SAT,SUN", "15 */2 * * *", "*/10 1 L * *"],
  // Times of the day, in and about the hours in which clocks are set.
  ...["0 0 * * *", "30 0 * * *", "0 1 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "0 3 * * *", "45 23 * * *"],
  ...["0,30 2 * * *", "59 23 * * *", "0 0-23 * * *", "15 0-23/2 * * *", "0-59 2 * * *", "10-50/20 1,2 * MAR,OCT *"],
  // Days.
  ...["0 2 * * 7", "30 2 * * SUN#2", "30 1 * * SUN#1", "0 2 * * 0L", "0 6 * * MON-FRI", "0 2 L * *", "0 3 LW * *"],
  ...["0 2 15W * *", "0 2 1W,30W * *", "0 2 13 * FRI", "0 2 */2 * MON", "30 0 29 2 *", "0 0 1 */3 *", "@weekly"],
  ...["@monthly", "@yearly", "@midnight", "0 2 1-7,L * 3", "5 4 31 * 5-7"],
];

const groups = Map.groupBy(Intl.supportedValuesOf("timeZone"), (zone) =>
  new LocalClock(zone).history(SHIFTS_FROM, SHIFTS_TO),
);

describe(`seed ${SEED}, ${EXPRESSIONS.length} expressions`, () => {
  test.each([...groups.values()].map((zones) => [zones[0] ?? "", zones.length]))(
    "%s, and all that show the same: %i zones",
    (zone) => {
      const clock = new LocalClock(zone);
      const cases = EXPRESSIONS.map((expression) => ({
        oracle: new CronOracle(expression),
        ticks: cronTicks({ expression, timezone: zone }),
      }));
      const differences: string[] = [];
      for (const { from, to, isShift } of spans(clock)) {
        const walk = clock.walk(from - DAY, to, isShift ? "minutes" : "quarters");
        for (const { oracle, ticks } of cases) {
          const expected = oracle.ticks(walk, from).map(text);
          if (expected.join() !== forwards(ticks, from, to).map(text).join()) {
            differences.push(`${oracle.expression} forwards from ${text(from)}`);
          }
          if (expected.join() !== backwards(ticks, from, to).map(text).join()) {
            differences.push(`${oracle.expression} backwards from ${text(to)}`);
          }
        }
      }
      expect(differences).toEqual([]);
    },
    30 * 60_000,
  );
});

/** Three days about every shift, and weeks at random. */
function spans(
  clock: LocalClock,
): readonly { readonly from: number; readonly to: number; readonly isShift: boolean }[] {
  const shifts = clock
    .shifts(SHIFTS_FROM, SHIFTS_TO)
    .map((at) => ({ from: at - 36 * HOUR, to: at + 36 * HOUR, isShift: true }));
  const weeks = (EVERYTHING ? allWeeks() : randomWeeks()).map((from) => ({ from, to: from + 7 * DAY, isShift: false }));
  return [...shifts, ...weeks];
}

function randomWeeks(): readonly number[] {
  const minutes = (TO - FROM) / MINUTE;
  return Array.from({ length: RANDOM_WEEKS }, (_, number) => {
    return FROM + Math.floor(fraction(SEED * 1_000 + number) * minutes) * MINUTE;
  });
}

function allWeeks(): readonly number[] {
  return Array.from({ length: Math.ceil((TO - FROM) / (7 * DAY)) }, (_, number) => FROM + number * 7 * DAY);
}

function forwards(ticks: Ticks, from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let at = ticks.after(from - 1); at !== undefined && at < to; at = ticks.after(at)) found.push(at);
  return found;
}

function backwards(ticks: Ticks, from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let at = ticks.before(to); at !== undefined && at >= from; at = ticks.before(at)) found.push(at);
  return found.reverse();
}

/** From 0 to 1, always the same for a seed. */
function fraction(seed: number): number {
  let state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35);
  return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
}

function text(instant: number): string {
  return String(instant);
}
