import type { BackfillRange } from "../core/backfill/backfill-range.ts";
import { instantText } from "../core/instant.ts";
import { intervalsBetween, type ScheduleCalendar, type ScheduledInterval } from "../core/schedule/intervals-between.ts";
import type { ScheduleBound } from "../core/schedule/schedule-spec.ts";

interface Asked {
  readonly from: ScheduleBound;
  readonly to: ScheduleBound;
}

/** What a backfill leaves out at the ends of the range it was asked for, a sentence for each end (BF-1). */
export function leftOutEnds(calendar: ScheduleCalendar, asked: Asked, range: BackfillRange): readonly string[] {
  const { start, end, ...unbounded } = calendar;
  const [first] = intervalsBetween(unbounded, asked, "oldest_first");
  const [last] = intervalsBetween(unbounded, asked, "newest_first");
  const [next] = intervalsBetween(calendar, { ...asked, from: { kind: "instant", at: range.end } }, "oldest_first");
  return [
    ...(first !== undefined && first.interval.start < range.start && start !== undefined
      ? [`What begins before ${boundText(start)} is left out: the schedule starts then.`]
      : []),
    ...(next !== undefined ? [unfinished(next)] : []),
    ...(next === undefined && last !== undefined && last.interval.end > range.end && end !== undefined
      ? [`What comes after ${boundText(end)} is left out: the schedule ends then.`]
      : []),
  ];
}

function unfinished({ ds, interval }: ScheduledInterval): string {
  return `What begins at ${instantText(interval.start)} (${ds}) or later is left out: it has not ended yet.`;
}

/** How a bound is shown. */
export function boundText(bound: ScheduleBound): string {
  return bound.kind === "date" ? bound.date : instantText(bound.at);
}
