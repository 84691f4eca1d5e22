import { describe, expect, test } from "vitest";
import { CronOracle } from "./cron-oracle-for-tests.ts";
import { cronTicks } from "./cron-ticks.ts";
import { LocalClock } from "./minute-walk-for-tests.ts";
import type { Ticks } from "./ticks.ts";

/**
 * DST-1 to DST-4, B51: all zones of the platform against a walk of real minutes through `Intl`: three days about every
 * shift of ten years, and twenty weeks at random. Zones whose clocks have shown the same are walked once.
 * `npm run test:zones` walks every minute of the ten years, and about all shifts of sixty-five.
 */
// biome-ignore lint/style/noProcessEnv: how long a test takes is for whoever starts it to say
const EVERYTHING = process.env.BATUTA_ZONES === "all";
// biome-ignore lint/style/noProcessEnv: another seed draws other weeks
const SEED = Number(process.env.BATUTA_SEED ?? 1);
const TEN_YEARS = { from: Date.UTC(2016, 0, 1), to: Date.UTC(2026, 0, 1) };
const LONG = { from: Date.UTC(1975, 0, 1), to: Date.UTC(2040, 0, 1) };
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

interface Years {
  readonly from: number;
  readonly to: number;
}

/** What is walked at one go, and how finely `Intl` is asked. */
interface Span extends Years {
  readonly grain: "minutes" | "quarters";
}

describe(`seed ${SEED}, ${EXPRESSIONS.length} expressions, ten years`, () => {
  test.each(groups(TEN_YEARS))(
    "%s, and all that show the same: %i zones",
    (zone) => {
      const clock = new LocalClock(zone);
      const weeks = EVERYTHING ? allWeeks() : randomWeeks();
      const spans = weeks.map((from): Span => ({ from, to: from + 7 * DAY, grain: "quarters" }));
      expect(differences(zone, [...aboutShifts(clock, TEN_YEARS), ...spans])).toEqual([]);
    },
    600_000,
  );
});

describe.runIf(EVERYTHING)(`${EXPRESSIONS.length} expressions, sixty-five years`, () => {
  test.each(EVERYTHING ? groups(LONG) : [])(
    "%s, and all that show the same: %i zones",
    (zone) => {
      expect(differences(zone, aboutShifts(new LocalClock(zone), LONG))).toEqual([]);
    },
    600_000,
  );
});

function groups({ from, to }: Years): [zone: string, zones: number][] {
  const zones = Intl.supportedValuesOf("timeZone");
  const alike = Map.groupBy(zones, (zone) => new LocalClock(zone).history(from, to));
  return [...alike.values()].map((same) => [same[0] ?? "", same.length]);
}

/** Three days each. */
function aboutShifts(clock: LocalClock, { from, to }: Years): readonly Span[] {
  return clock.shifts(from, to).map((at) => ({ from: at - 36 * HOUR, to: at + 36 * HOUR, grain: "minutes" }));
}

function differences(zone: string, spans: readonly Span[]): readonly string[] {
  const clock = new LocalClock(zone);
  const cases = EXPRESSIONS.map((expression) => ({
    oracle: new CronOracle(expression),
    ticks: cronTicks({ expression, timezone: zone }),
  }));
  const found: string[] = [];
  for (const { from, to, grain } of spans) {
    const walk = clock.walk(from - DAY, to, grain);
    for (const { oracle, ticks } of cases) {
      const expected = oracle.ticks(walk, from);
      const place = `${oracle.expression} from ${new Date(from).toISOString()}`;
      if (!isSame(expected, forwards(ticks, from, to))) found.push(`${place}, forwards`);
      if (!isSame(expected, backwards(ticks, from, to))) found.push(`${place}, backwards`);
      if (grain === "minutes" && !isFoundFromAnywhere(expected, ticks, { from, to })) found.push(`${place}, anywhere`);
    }
  }
  return found;
}

/** The ticks on either side of instants that are none, also in an hour that comes a second time. */
function isFoundFromAnywhere(expected: readonly number[], ticks: Ticks, { from, to }: Years): boolean {
  let next = 0;
  for (let instant = from; instant < to; instant += 37 * MINUTE) {
    while ((expected[next] ?? to) <= instant) next += 1;
    const [before, after] = [expected[next - 1], expected[next]];
    if (after !== undefined && ticks.after(instant) !== after) return false;
    if (before !== undefined && ticks.atOrBefore(instant) !== before) return false;
  }
  return true;
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((at, index) => at === other[index]);
}

function randomWeeks(): readonly number[] {
  const { from, to } = TEN_YEARS;
  const minutes = (to - from) / MINUTE;
  return Array.from({ length: RANDOM_WEEKS }, (_, number) => {
    return from + Math.floor(fraction(SEED * 1_000 + number) * minutes) * MINUTE;
  });
}

function allWeeks(): readonly number[] {
  const { from, to } = TEN_YEARS;
  return Array.from({ length: Math.ceil((to - from) / (7 * DAY)) }, (_, number) => from + number * 7 * DAY);
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
