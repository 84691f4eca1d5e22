import { dayAfter, isCalendarDate } from "./calendar-date.ts";
import type { DataInterval, Instant } from "./instant.ts";
import { BatutaError } from "./problem.ts";
import { intervalsBetween, type ScheduleCalendar, type ScheduledInterval } from "./schedule/intervals-between.ts";
import { BOUND_FORMS, parseBound } from "./schedule/parse-bound.ts";
import { timingText } from "./schedule/timing-text.ts";
import { type TimeZone, timeZone } from "./time-zone.ts";

/** Intervals that an error lists when a date names several. */
const LISTED_MAX = 24;
/** Intervals that a calendar may hold back, one after the other, before the last one is looked for no further. */
const FILTERED_MAX = 100_000;

export interface ManualRun {
  /** `YYYY-MM-DD`: the interval with this `ds`. */
  readonly date?: string;
  /** `START/END`, or the start alone: one interval of the schedule, or any span of a pipeline without. */
  readonly interval?: string;
  readonly schedule?: ScheduleCalendar;
  /** Zone of `ds` for a pipeline without a schedule. */
  readonly timezone: string;
  readonly now: Instant;
}

export interface IntervalOfRun {
  readonly interval: DataInterval;
  /** Date of the interval's start in the zone of the schedule, `YYYY-MM-DD`. */
  readonly ds: string;
}

/**
 * The interval a manual run works on (TI-2, TI-9): the one that is asked for, else the last complete one that the
 * schedule makes a run of. Without a schedule, or with one that does not hang on the calendar: the moment of the trigger,
 * or what is asked for. Throws `invalid_date` for what is no date or interval, and where it names none or several.
 */
export function manualInterval(asked: ManualRun): IntervalOfRun {
  const { date, interval, schedule, timezone } = asked;
  if (date !== undefined) checkDate(date);
  if (date !== undefined && interval !== undefined) throw bothGiven();
  const zone = timeZone(schedule?.timezone ?? timezone);
  const found =
    schedule === undefined || !hasIntervals(schedule) ? unscheduled(zone, asked) : scheduled(schedule, asked);
  return { interval: found, ds: zone.dateOf(found.start) };
}

/** Local date of an instant in an IANA time zone, `YYYY-MM-DD`. */
export function localDate(instant: Instant, timezone: string): string {
  return timeZone(timezone).dateOf(instant);
}

/** What is decided by what has happened, or by code, has no intervals that could be told beforehand. */
function hasIntervals({ timing, start }: ScheduleCalendar): boolean {
  return timing.kind === "once" ? start !== undefined : timing.kind !== "continuous" && timing.kind !== "code";
}

function unscheduled(zone: TimeZone, { date, interval, now }: ManualRun): DataInterval {
  if (interval !== undefined) {
    const { start, end = start } = readInterval(interval, zone);
    return { start, end };
  }
  if (date === undefined) return { start: now, end: now };
  const day = { start: zone.startOfDay(date), end: zone.startOfDay(dayAfter(date)) };
  if (day.start < day.end) return day;
  throw new BatutaError("invalid_date", `${date} is a day that the clocks of the pipeline's time zone left out.`, {
    hint: "Take the day before or after it.",
  });
}

function scheduled(schedule: ScheduleCalendar, { date, interval, now }: ManualRun): DataInterval {
  if (interval !== undefined) return intervalAt(schedule, interval);
  return date === undefined ? lastComplete(schedule, now) : intervalOn(schedule, date);
}

function lastComplete(schedule: ScheduleCalendar, now: Instant): DataInterval {
  const complete = intervalsBetween(schedule, { to: { kind: "instant", at: now } }, "newest_first");
  const last = complete.take(FILTERED_MAX).find(({ filtered }) => filtered === undefined);
  if (last !== undefined) return last.interval;
  throw new BatutaError("invalid_date", `The ${titled(schedule)} has no complete interval yet.`, {
    hint: "Name the one to work on: --date YYYY-MM-DD, or --interval START.",
  });
}

function intervalOn(schedule: ScheduleCalendar, date: string): DataInterval {
  const on = { kind: "date", date } as const;
  const found = [...intervalsBetween(schedule, { from: on, to: on }, "oldest_first").take(LISTED_MAX + 1)];
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.interval;
  if (only === undefined) {
    throw new BatutaError("invalid_date", `No interval of the ${titled(schedule)} starts on ${date}.`, {
      hint: neighboursHint(schedule, timeZone(schedule.timezone).startOfDay(date), ({ ds }) => ds),
    });
  }
  const listed = found.slice(0, LISTED_MAX).map(intervalText).join(", ");
  const more = found.length > LISTED_MAX ? ", and more" : "";
  throw new BatutaError(
    "invalid_date",
    `Several intervals of the ${titled(schedule)} start on ${date}: ${listed}${more}.`,
    { hint: `Name one of them: --interval ${utc(only.interval.start)}.` },
  );
}

function intervalAt(schedule: ScheduleCalendar, text: string): DataInterval {
  const { start, end } = readInterval(text, timeZone(schedule.timezone));
  const from = { kind: "instant", at: start } as const;
  const first = intervalsBetween(schedule, { from }, "oldest_first").take(1).toArray()[0];
  const isMeant = first?.interval.start === start && (end === undefined || first.interval.end === end);
  if (first !== undefined && isMeant) return first.interval;
  throw new BatutaError("invalid_date", `The ${titled(schedule)} has no interval ${text}.`, {
    hint: neighboursHint(schedule, start, intervalText),
  });
}

/** The interval that begins before an instant, and the one that does not. */
function neighboursHint(
  schedule: ScheduleCalendar,
  instant: Instant,
  shown: (interval: ScheduledInterval) => string,
): string {
  const day = timeZone(schedule.timezone).dateOf(instant - 1);
  const before = intervalsBetween(schedule, { to: { kind: "date", date: day } }, "newest_first")
    .filter(({ interval }) => interval.start < instant)
    .take(1);
  const after = intervalsBetween(schedule, { from: { kind: "instant", at: instant } }, "oldest_first").take(1);
  const found = [...before, ...after];
  if (found.length === 0) return "The schedule has no interval around that time.";
  return `The nearest: ${found.map(shown).join(" and ")}.`;
}

function readInterval(text: string, zone: TimeZone): { readonly start: Instant; readonly end?: Instant } {
  const [start, end, ...rest] = text.split("/").map((part) => instantOf(part, zone));
  const isComplete = start !== undefined && rest.length === 0 && (end !== undefined || !text.includes("/"));
  if (!isComplete) {
    throw new BatutaError("invalid_date", `${JSON.stringify(text)} is not an interval.`, {
      hint: `Write START/END, or the start alone; each is ${BOUND_FORMS}.`,
    });
  }
  if (end === undefined) return { start };
  if (end >= start) return { start, end };
  throw new BatutaError("invalid_date", `The interval ${text} ends before it starts.`, {
    hint: "Write the start first: START/END.",
  });
}

function instantOf(text: string, zone: TimeZone): Instant | undefined {
  const bound = parseBound(text, zone);
  return bound?.kind === "date" ? zone.startOfDay(bound.date) : bound?.at;
}

function titled({ timing, timezone }: ScheduleCalendar): string {
  return `schedule "${timingText(timing)}" (${timezone})`;
}

function intervalText({ interval: { start, end } }: ScheduledInterval): string {
  return `${utc(start)}/${utc(end)}`;
}

function utc(instant: Instant): string {
  return new Date(instant).toISOString().replace(/(:00)?\.000Z$/, "Z");
}

function checkDate(date: string): void {
  if (isCalendarDate(date)) return;
  const wellFormed = /^\d{4}-\d{2}-\d{2}$/.test(date);
  throw new BatutaError("invalid_date", `${JSON.stringify(date)} is not a date.`, {
    hint: wellFormed ? "The calendar has no such day." : "Write it as YYYY-MM-DD, for example 2024-02-29.",
  });
}

function bothGiven(): BatutaError {
  return new BatutaError("invalid_date", "Both --date and --interval are given.", { hint: "Give one of them." });
}
