import type { DataInterval } from "../instant.ts";
import { type TimeZone, timeZone } from "../time-zone.ts";
import { IntervalRange } from "./interval-range.ts";
import type { ScheduleBound, ScheduleSpec } from "./schedule-spec.ts";
import { type FilterReason, filterReason, type TickFilter } from "./tick-filter.ts";
import type { Ticks } from "./ticks.ts";
import { ticksOf } from "./ticks-of.ts";

/** An interval of a schedule, as it will or would be worked on. */
export interface ScheduledInterval {
  readonly interval: DataInterval;
  /** Date of its start in the schedule's zone. */
  readonly ds: string;
  /** The schedule makes no run of it, by itself (TI-8). */
  readonly filtered?: FilterReason;
}

/** What the intervals of a schedule hang on. */
export type ScheduleCalendar = Pick<ScheduleSpec, "timing" | "timezone" | "start" | "end" | "filter">;

export type IntervalOrder = "oldest_first" | "newest_first";

/** Ends of a range, both inclusive; a list of them is narrowed by each. An absent one is open. */
export interface AskedRange {
  readonly from?: ScheduleBound | readonly ScheduleBound[];
  readonly to?: ScheduleBound | readonly ScheduleBound[];
}

/**
 * The intervals of a schedule within a range, one by one, whether complete or not; its own start and end narrow the range
 * (TI-9). An open end goes on for ever in that direction, and an open beginning has no first interval: give the end from
 * which the order begins, or nothing comes. A schedule that does not hang on the calendar has none.
 */
export function* intervalsBetween(
  schedule: ScheduleCalendar,
  { from = [], to = [] }: AskedRange,
  order: IntervalOrder,
): Generator<ScheduledInterval> {
  const zone = timeZone(schedule.timezone);
  const range = new IntervalRange(zone, {
    from: [...[from].flat(), ...(schedule.start === undefined ? [] : [schedule.start])],
    to: [...[to].flat(), ...(schedule.end === undefined ? [] : [schedule.end])],
  });
  const all = schedule.timing.kind === "once" ? onlyOne(schedule, zone) : inOrder(ticksOf(schedule), range, order);
  for (const interval of all) if (range.has(interval)) yield described(interval, zone, schedule.filter);
}

function described(interval: DataInterval, zone: TimeZone, filter: TickFilter | undefined): ScheduledInterval {
  const filtered = filter === undefined ? undefined : filterReason(filter, zone, interval.end);
  return { interval, ds: zone.dateOf(interval.start), ...(filtered === undefined ? {} : { filtered }) };
}

/** `@once` is [start, start), where it has one (TI-1). */
function onlyOne({ start }: ScheduleCalendar, zone: TimeZone): readonly DataInterval[] {
  if (start === undefined) return [];
  const at = start.kind === "instant" ? start.at : zone.startOfDay(start.date);
  return [{ start: at, end: at }];
}

function inOrder(ticks: Ticks, range: IntervalRange, order: IntervalOrder): Iterable<DataInterval> {
  const isOpen = !Number.isFinite(order === "oldest_first" ? range.firstStart : range.startsEnd);
  if (isOpen) return [];
  return order === "oldest_first" ? oldestFirst(ticks, range) : newestFirst(ticks, range);
}

function* oldestFirst(ticks: Ticks, { firstStart, startsEnd }: IntervalRange): Generator<DataInterval> {
  let start = ticks.after(firstStart - 1);
  while (start !== undefined && start < startsEnd) {
    const end = ticks.after(start);
    if (end === undefined) return;
    yield { start, end };
    start = end;
  }
}

function* newestFirst(ticks: Ticks, { firstStart, startsEnd }: IntervalRange): Generator<DataInterval> {
  const last = ticks.before(startsEnd);
  let end = last === undefined ? undefined : (ticks.after(last) ?? last);
  let start = end === undefined ? undefined : ticks.before(end);
  while (start !== undefined && end !== undefined && start >= firstStart) {
    yield { start, end };
    end = start;
    start = ticks.before(start);
  }
}
