/** The days on which a cron expression fires, as its month and day fields list them. Numbers begin where cron's do. */
export interface CronDayFields {
  /** By month, 0 = January. */
  readonly months: readonly boolean[];
  /** By day of the month, 0 = the first. */
  readonly days: readonly boolean[];
  /** Days whose nearest weekday is meant (`15W`), 1 = the first. */
  readonly nearestWeekdays: readonly number[];
  /** `L` */
  readonly hasLastDay: boolean;
  /** `LW` */
  readonly hasLastWeekday: boolean;
  /** By weekday, 0 = Sunday: bit n - 1 stands for the n-th of the month, bit 5 for the last; all six for every one. */
  readonly weekdays: readonly number[];
  /** Day of month and day of week are both given: a day needs only be one of them. */
  readonly isEither: boolean;
}

/** Days since 1970-01-01. */
export type DayNumber = number;

/** A calendar of 400 years repeats, weekdays included: what has not come by then never comes. */
const MONTHS_MAX = 400 * 12;
const DAY_MS = 86_400_000;
const EVERY_ONE = 0b11_1111;
const LAST_ONE = 0b10_0000;

/** Steps from day to day. A month is worked out once, as a set of bits, while time stays in it. */
export class CronDays {
  readonly #fields: CronDayFields;
  /** Months since the year 0. */
  #month = Number.NaN;
  /** Bit d - 1 for day d of that month. */
  #matching = 0;

  constructor(fields: CronDayFields) {
    this.#fields = fields;
  }

  has(day: DayNumber): boolean {
    const date = new Date(day * DAY_MS);
    return (this.#daysOf(monthOf(date)) & (1 << (date.getUTCDate() - 1))) !== 0;
  }

  /** The first day after this one. */
  next(day: DayNumber): DayNumber | undefined {
    const date = new Date(day * DAY_MS);
    let month = monthOf(date);
    // The days after this one; a shift by 32 would be one by 0.
    let found = this.#daysOf(month) & ~(2 ** date.getUTCDate() - 1);
    for (let months = 0; found === 0; months++) {
      if (months > MONTHS_MAX) return undefined;
      month += 1;
      found = this.#daysOf(month);
    }
    return firstDayOf(month) + 31 - Math.clz32(found & -found);
  }

  /** The last day before this one. */
  previous(day: DayNumber): DayNumber | undefined {
    const date = new Date(day * DAY_MS);
    let month = monthOf(date);
    let found = this.#daysOf(month) & (2 ** (date.getUTCDate() - 1) - 1);
    for (let months = 0; found === 0; months++) {
      if (months > MONTHS_MAX) return undefined;
      month -= 1;
      found = this.#daysOf(month);
    }
    return firstDayOf(month) + 31 - Math.clz32(found);
  }

  #daysOf(month: number): number {
    if (month !== this.#month) {
      this.#month = month;
      this.#matching = matchingDays(this.#fields, month);
    }
    return this.#matching;
  }
}

function matchingDays(fields: CronDayFields, month: number): number {
  if (fields.months[modulo(month, 12)] !== true) return 0;
  const first = firstDayOf(month);
  const shape: MonthShape = { length: firstDayOf(month + 1) - first, weekday: modulo(first + 4, 7) };
  const byDate = daysByDate(fields, shape);
  const byWeekday = daysByWeekday(fields, shape);
  return fields.isEither ? byDate | byWeekday : byDate & byWeekday;
}

interface MonthShape {
  /** Days it has. */
  readonly length: number;
  /** Weekday of its first day. */
  readonly weekday: number;
}

function daysByDate(fields: CronDayFields, { length, weekday }: MonthShape): number {
  let found = 0;
  for (let day = 1; day <= length; day++) if (fields.days[day - 1] === true) found |= bit(day);
  if (fields.hasLastDay) found |= bit(length);
  for (const day of fields.nearestWeekdays) if (day <= length) found |= bit(nearestWeekday(day, { length, weekday }));
  if (fields.hasLastWeekday) found |= bit(nearestWeekday(length, { length, weekday }));
  return found;
}

/** Within the month: the first on a Saturday goes forward, the last on a Sunday goes back. */
function nearestWeekday(day: number, { length, weekday }: MonthShape): number {
  const ofDay = (weekday + day - 1) % 7;
  if (ofDay === 6) return day === 1 ? 3 : day - 1;
  if (ofDay === 0) return day === length ? day - 2 : day + 1;
  return day;
}

function daysByWeekday({ weekdays }: CronDayFields, { length, weekday }: MonthShape): number {
  let found = 0;
  for (let day = 1; day <= length; day++) {
    const wanted = weekdays[(weekday + day - 1) % 7] ?? 0;
    const isNth = (wanted & (1 << Math.floor((day - 1) / 7))) !== 0;
    const isLast = (wanted & LAST_ONE) !== 0 && day + 7 > length;
    if (wanted === EVERY_ONE || isNth || isLast) found |= bit(day);
  }
  return found;
}

function bit(day: number): number {
  return 1 << (day - 1);
}

function monthOf(date: Date): number {
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function firstDayOf(month: number): DayNumber {
  return new Date(0).setUTCFullYear(Math.floor(month / 12), modulo(month, 12), 1) / DAY_MS;
}

function modulo(number: number, by: number): number {
  return ((number % by) + by) % by;
}
