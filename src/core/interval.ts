import type { DataInterval, Instant } from "./instant.ts";
import { BatutaError } from "./problem.ts";
import type { TimingInZone } from "./schedule/schedule-spec.ts";
import type { Ticks } from "./schedule/ticks.ts";
import { ticksOf } from "./schedule/ticks-of.ts";
import { timingText } from "./schedule/timing-text.ts";
import { type TimeZone, timeZone } from "./time-zone.ts";

/** Intervals that an error lists when a date names several. */
const LISTED_MAX = 24;

export interface ManualRun {
  /** `YYYY-MM-DD`; absent = the last complete interval, or now. */
  readonly date?: string;
  readonly schedule?: TimingInZone;
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
 * The interval a manual run works on (TI-2, TI-9). With a schedule: the last complete one, or the one whose `ds` is the
 * date. Without: the moment of the trigger, or the local day of the date. Throws `invalid_date` for what is not a date,
 * and for a date that names no interval or several.
 */
export function manualInterval({ date, schedule, timezone, now }: ManualRun): IntervalOfRun {
  if (date !== undefined) checkDate(date);
  const zone = timeZone(schedule?.timezone ?? timezone);
  const interval = schedule === undefined ? unscheduled(zone, date, now) : scheduled(schedule, zone, { date, now });
  return { interval, ds: zone.dateOf(interval.start) };
}

/** Local date of an instant in an IANA time zone, `YYYY-MM-DD`. */
export function localDate(instant: Instant, timezone: string): string {
  return timeZone(timezone).dateOf(instant);
}

function unscheduled(zone: TimeZone, date: string | undefined, now: Instant): DataInterval {
  if (date === undefined) return { start: now, end: now };
  const interval = { start: zone.startOfDay(date), end: zone.startOfDay(dayAfter(date)) };
  if (interval.start < interval.end) return interval;
  throw new BatutaError("invalid_date", `${date} is a day that the clocks of the pipeline's time zone left out.`, {
    hint: "Take the day before or after it.",
  });
}

function scheduled(
  schedule: TimingInZone,
  zone: TimeZone,
  { date, now }: { readonly date: string | undefined; readonly now: Instant },
): DataInterval {
  const ticks = ticksOf(schedule);
  return date === undefined ? lastComplete(ticks, schedule, now) : intervalOn(ticks, zone, { date, schedule });
}

function lastComplete(ticks: Ticks, { timing }: TimingInZone, now: Instant): DataInterval {
  const end = ticks.atOrBefore(now);
  const start = end === undefined ? undefined : ticks.before(end);
  if (start !== undefined && end !== undefined) return { start, end };
  throw new BatutaError("invalid_date", `The schedule "${timingText(timing)}" has no complete interval yet.`, {
    hint: "Name the day to work on with --date YYYY-MM-DD.",
  });
}

function intervalOn(
  ticks: Ticks,
  zone: TimeZone,
  { date, schedule }: { readonly date: string; readonly schedule: TimingInZone },
): DataInterval {
  const found = intervalsFrom(ticks, zone, date);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const { timezone } = schedule;
  const timing = timingText(schedule.timing);
  if (only === undefined) {
    throw new BatutaError("invalid_date", `No interval of the schedule "${timing}" (${timezone}) starts on ${date}.`, {
      hint: neighboursHint(ticks, zone, date),
    });
  }
  const listed = found.slice(0, LISTED_MAX).map(shown).join(", ");
  const more = found.length > LISTED_MAX ? ", and more" : "";
  throw new BatutaError(
    "invalid_date",
    `Several intervals of the schedule "${timing}" (${timezone}) start on ${date}: ${listed}${more}.`,
    { hint: "A date names one interval only where the schedule fires at most once a day." },
  );
}

/** Intervals whose start falls on the local date; no more than are worth listing. */
function intervalsFrom(ticks: Ticks, zone: TimeZone, date: string): readonly DataInterval[] {
  const found: DataInterval[] = [];
  let start = ticks.after(zone.startOfDay(date) - 1_000);
  while (start !== undefined && zone.dateOf(start) === date && found.length <= LISTED_MAX) {
    const end = ticks.after(start);
    if (end !== undefined) found.push({ start, end });
    start = end;
  }
  return found;
}

function neighboursHint(ticks: Ticks, zone: TimeZone, date: string): string {
  const midnight = zone.startOfDay(date);
  const dates = [ticks.before(midnight), ticks.after(midnight)].filter((tick) => tick !== undefined);
  if (dates.length === 0) return "The schedule never fires around that date.";
  return `The nearest that do: ${dates.map((tick) => zone.dateOf(tick)).join(" and ")}.`;
}

function shown({ start, end }: DataInterval): string {
  return `${utc(start)}/${utc(end)}`;
}

function utc(instant: Instant): string {
  return new Date(instant).toISOString().replace(/(:00)?\.000Z$/, "Z");
}

function checkDate(date: string): void {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(date) ? new Date(`${date}T00:00:00Z`) : undefined;
  // A day that does not exist, such as 2024-02-30, is either refused or carried into the next month.
  if (instant !== undefined && !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(date)) return;
  const wellFormed = instant !== undefined;
  throw new BatutaError("invalid_date", `${JSON.stringify(date)} is not a date.`, {
    hint: wellFormed ? "The calendar has no such day." : "Write it as YYYY-MM-DD, for example 2024-02-29.",
  });
}

function dayAfter(date: string): string {
  return new Date(new Date(`${date}T00:00:00Z`).getTime() + 86_400_000).toISOString().slice(0, 10);
}
