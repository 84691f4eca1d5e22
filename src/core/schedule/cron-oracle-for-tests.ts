import type { LocalDate, MinuteWalk } from "./minute-walk-for-tests.ts";

/**
 * What a cron expression means, written a second time and in the plainest way, to compare with: every field by trying
 * all its values, every day by asking each rule of it, and every tick by looking at the minutes that clocks have shown.
 */
export class CronOracle {
  readonly expression: string;
  readonly #minutesOfDay: Uint8Array;
  readonly #isWildcard: boolean;
  readonly #days: (date: LocalDate) => boolean;

  constructor(expression: string) {
    this.expression = expression;
    const [minute = "", hour = "", day = "", month = "", weekday = ""] = (NAMES[expression] ?? expression).split(" ");
    this.#minutesOfDay = Uint8Array.from({ length: 1_440 }, (_, at) =>
      isListed(minute, at % 60, 0, 59) && isListed(hour, Math.floor(at / 60), 0, 23) ? 1 : 0,
    );
    this.#isWildcard = minute.startsWith("*") || hour.startsWith("*");
    this.#days = (date) => isListed(named(month, MONTHS), date.month, 1, 12) && isDay(day, weekday, date);
  }

  /** Instants of the walk at which it fires, from an instant on: what it fired before the walk is not known. */
  ticks(walk: MinuteWalk, from: number): readonly number[] {
    const fires = this.#isWildcard ? this.#everyMatch(walk) : this.#oncePerDay(walk);
    return fires.filter((at) => at >= from);
  }

  #everyMatch({ instants, days, minutes, dates }: MinuteWalk): readonly number[] {
    const onDay = dates.map((date) => this.#days(date));
    const found: number[] = [];
    for (let at = 0; at < instants.length; at++) {
      if (onDay[days[at] ?? 0] === true && this.#minutesOfDay[minutes[at] ?? 0] === 1) found.push(instants[at] ?? 0);
    }
    return found;
  }

  /** The moment at which the clocks jump over a listed minute of a day that they show, or the first time it is shown. */
  #oncePerDay({ instants, days, minutes, dates, jumps }: MinuteWalk): readonly number[] {
    const onDay = dates.map((date) => this.#days(date));
    const seen = dates.map(() => new Set<number>());
    const found = new Set<number>();
    const show = (day: number, minute: number, instant: number): void => {
      if (onDay[day] !== true || this.#minutesOfDay[minute] !== 1 || seen[day]?.has(minute) === true) return;
      seen[day]?.add(minute);
      found.add(instant);
    };
    for (const { instant, from, to } of jumps) {
      for (let missed = from; missed < to; missed += 60_000) {
        const ordinal = Math.floor(missed / 86_400_000);
        const day = dates.findIndex((date) => date.ordinal === ordinal);
        show(day, (missed - ordinal * 86_400_000) / 60_000, instant);
      }
    }
    for (let at = 0; at < instants.length; at++) {
      if (this.#minutesOfDay[minutes[at] ?? 0] === 1) show(days[at] ?? 0, minutes[at] ?? 0, instants[at] ?? 0);
    }
    return [...found].sort((one, other) => one - other);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const MONTHS = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

function named(field: string, names: readonly string[]): string {
  return field.replaceAll(/[A-Z]{3}/g, (name) => String(names.indexOf(name)));
}

function isListed(field: string, value: number, min: number, max: number): boolean {
  return field.split(",").some((item) => {
    const [range = "", step = "1"] = item.split("/");
    const [from = "", to = from] = range === "*" ? [String(min), String(max)] : range.split("-");
    return value >= Number(from) && value <= Number(to) && (value - Number(from)) % Number(step) === 0;
  });
}

function isDay(day: string, weekday: string, date: LocalDate): boolean {
  const byDate = day.split(",").some((item) => isDate(item, date));
  const byWeekday = named(weekday, WEEKDAYS)
    .split(",")
    .some((item) => isWeekday(item, date));
  const bothGiven = !day.startsWith("*") && !weekday.startsWith("*");
  return bothGiven ? byDate || byWeekday : byDate && byWeekday;
}

function isDate(item: string, { year, month, day }: LocalDate): boolean {
  const last = lastDay(year, month);
  if (item === "L") return day === last;
  if (item === "LW") return day === nearest(last, year, month);
  if (item.endsWith("W"))
    return Number.parseInt(item, 10) <= last && day === nearest(Number.parseInt(item, 10), year, month);
  return isListed(item, day, 1, 31);
}

function isWeekday(item: string, { year, month, day }: LocalDate): boolean {
  const today = weekdayOf(year, month, day);
  const is = (wanted: string): boolean => isListed(wanted, today, 0, 6) || (today === 0 && isListed(wanted, 7, 0, 7));
  if (item.includes("#")) {
    const [wanted = "", nth] = item.split("#");
    return is(wanted) && Math.ceil(day / 7) === Number(nth);
  }
  if (item.endsWith("L")) return is(item.slice(0, -1)) && day + 7 > lastDay(year, month);
  return is(item);
}

/** The weekday, within the month, that is the fewest days away. */
function nearest(wanted: number, year: number, month: number): number {
  const days = Array.from({ length: lastDay(year, month) }, (_, index) => index + 1);
  const weekdays = days.filter((day) => ![0, 6].includes(weekdayOf(year, month, day)));
  return weekdays.reduce((best, day) => (Math.abs(day - wanted) < Math.abs(best - wanted) ? day : best));
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}
