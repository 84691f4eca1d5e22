import type { WallTime } from "../time-zone.ts";
import { type CronDayFields, CronDays, type DayNumber } from "./cron-days.ts";
import type { WallTimes } from "./wall-times.ts";

export interface CronFields extends CronDayFields {
  /** Ascending, at least one. */
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
}

/** The wall times that a cron expression lists. */
export class CronWallTimes implements WallTimes {
  readonly #fields: CronFields;
  readonly #days: CronDays;

  constructor(fields: CronFields) {
    this.#fields = fields;
    this.#days = new CronDays(fields);
  }

  next(wall: WallTime): WallTime | undefined {
    const from = Math.floor(wall / 1_000) + 1;
    const day = Math.floor(from / DAY_S);
    const later = this.#days.has(day) ? firstFrom(from - day * DAY_S, this.#fields) : undefined;
    if (later !== undefined) return wallTime(day, later);
    const next = this.#days.next(day);
    return next === undefined ? undefined : wallTime(next, firstFrom(0, this.#fields) ?? 0);
  }

  previous(wall: WallTime): WallTime | undefined {
    const from = Math.ceil(wall / 1_000) - 1;
    const day = Math.floor(from / DAY_S);
    const earlier = this.#days.has(day) ? lastUpTo(from - day * DAY_S, this.#fields) : undefined;
    if (earlier !== undefined) return wallTime(day, earlier);
    const previous = this.#days.previous(day);
    return previous === undefined ? undefined : wallTime(previous, lastUpTo(DAY_S - 1, this.#fields) ?? 0);
  }
}

const DAY_S = 86_400;

/** Seconds since midnight. */
type TimeOfDay = number;
type TimeFields = Pick<CronFields, "hours" | "minutes" | "seconds">;

function wallTime(day: DayNumber, time: TimeOfDay): WallTime {
  return (day * DAY_S + time) * 1_000;
}

/** The first listed time of day at or after this one. */
function firstFrom(time: TimeOfDay, { hours, minutes, seconds }: TimeFields): TimeOfDay | undefined {
  const [hour, minute, second] = clockOf(time);
  const [firstMinute = 0] = minutes;
  const [firstSecond = 0] = seconds;
  if (hours.includes(hour)) {
    const sameMinute = minutes.includes(minute) ? seconds.find((listed) => listed >= second) : undefined;
    if (sameMinute !== undefined) return timeOfDay(hour, minute, sameMinute);
    const later = minutes.find((listed) => listed > minute);
    if (later !== undefined) return timeOfDay(hour, later, firstSecond);
  }
  const laterHour = hours.find((listed) => listed > hour);
  return laterHour === undefined ? undefined : timeOfDay(laterHour, firstMinute, firstSecond);
}

/** The last listed time of day at or before this one. */
function lastUpTo(time: TimeOfDay, { hours, minutes, seconds }: TimeFields): TimeOfDay | undefined {
  const [hour, minute, second] = clockOf(time);
  const lastMinute = minutes.at(-1) ?? 0;
  const lastSecond = seconds.at(-1) ?? 0;
  if (hours.includes(hour)) {
    const sameMinute = minutes.includes(minute) ? seconds.findLast((listed) => listed <= second) : undefined;
    if (sameMinute !== undefined) return timeOfDay(hour, minute, sameMinute);
    const earlier = minutes.findLast((listed) => listed < minute);
    if (earlier !== undefined) return timeOfDay(hour, earlier, lastSecond);
  }
  const earlierHour = hours.findLast((listed) => listed < hour);
  return earlierHour === undefined ? undefined : timeOfDay(earlierHour, lastMinute, lastSecond);
}

function clockOf(time: TimeOfDay): readonly [hour: number, minute: number, second: number] {
  return [Math.floor(time / 3_600), Math.floor(time / 60) % 60, time % 60];
}

function timeOfDay(hour: number, minute: number, second: number): TimeOfDay {
  return hour * 3_600 + minute * 60 + second;
}
