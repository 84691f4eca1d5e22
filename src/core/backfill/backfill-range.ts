import type { DataInterval, Instant } from "../instant.ts";
import {
  type IntervalOrder,
  intervalsBetween,
  type ScheduleCalendar,
  type ScheduledInterval,
} from "../schedule/intervals-between.ts";
import type { ScheduleBound } from "../schedule/schedule-spec.ts";
import { ticksOf } from "../schedule/ticks-of.ts";

/** From the start of the first interval to the end of the last; both are ticks. */
export type BackfillRange = DataInterval;

/** What the walk over a range hangs on; the bounds of the schedule are in the range already. */
export type BackfillCalendar = Pick<ScheduleCalendar, "timing" | "timezone" | "filter">;

export interface AskedBackfill {
  readonly from: ScheduleBound;
  readonly to: ScheduleBound;
  /** Only intervals that are complete by now (BF-1). */
  readonly now: Instant;
}

/** What dates or instants select of a schedule (TI-9); undefined when no complete interval lies between them. */
export function backfillRange(calendar: ScheduleCalendar, { from, to, now }: AskedBackfill): BackfillRange | undefined {
  const asked = { from, to: [to, instant(now)] };
  const first = firstOf(intervalsBetween(calendar, asked, "oldest_first"));
  const last = firstOf(intervalsBetween(calendar, asked, "newest_first"));
  if (first === undefined || last === undefined) return undefined;
  return { start: first.interval.start, end: last.interval.end };
}

/** Where a walk over a range stands: the bound up to which all intervals are decided; absent = none is. */
export interface RangeWalk {
  readonly range: BackfillRange;
  readonly order: IntervalOrder;
  readonly cursor?: Instant;
}

/** The next intervals of a walk. */
export function nextIntervals(
  { timing, timezone, filter }: BackfillCalendar,
  { range, order, cursor }: RangeWalk,
  limit: number,
): readonly ScheduledInterval[] {
  const { start, end } = range;
  const left =
    order === "oldest_first"
      ? { from: instant(cursor ?? start), to: instant(end) }
      : { from: instant(start), to: instant(cursor ?? end) };
  const calendar = { timing, timezone, ...(filter === undefined ? {} : { filter }) };
  return intervalsBetween(calendar, left, order).take(limit).toArray();
}

/** Where a walk stands once it has decided an interval. */
export function cursorAfter(order: IntervalOrder, { start, end }: DataInterval): Instant {
  return order === "oldest_first" ? end : start;
}

/** Whether nothing of the range is left to decide. */
export function isWalked({ range, order, cursor }: RangeWalk): boolean {
  if (cursor === undefined) return false;
  return order === "oldest_first" ? cursor >= range.end : cursor <= range.start;
}

/** So many intervals tell how many more there are. */
const SAMPLED = 1_000;
/** A guess that is so far beyond the limit needs no count. */
const FAR_BEYOND = 10;

/** How many intervals a range has; undefined when they are more than `max`, which is known without walking for ever. */
export function countIntervals(calendar: BackfillCalendar, range: BackfillRange, max: number): number | undefined {
  const ticks = ticksOf(calendar);
  let count = 0;
  for (let start: Instant | undefined = range.start; start !== undefined && start < range.end; count++) {
    if (count > max || (count === SAMPLED && guess(range, start) > max * FAR_BEYOND)) return undefined;
    start = ticks.after(start);
  }
  return count > max ? undefined : count;
}

function guess({ start, end }: BackfillRange, sampledTo: Instant): number {
  return ((end - start) / (sampledTo - start)) * SAMPLED;
}

function firstOf<Value>(values: Iterable<Value>): Value | undefined {
  for (const value of values) return value;
  return undefined;
}

function instant(at: Instant): ScheduleBound {
  return { kind: "instant", at };
}
