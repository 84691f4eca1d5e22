import type { DataInterval } from "./instant.ts";
import { localDate } from "./interval.ts";
import { ticksOf } from "./schedule/ticks-of.ts";
import type { ScheduleOfRun } from "./schedule-of-run.ts";

/** The steps of a schedule before and after an interval, whether a run works on them or not. */
export interface IntervalNeighbours {
  readonly prev?: NeighbourInterval;
  readonly next?: NeighbourInterval;
}

export interface NeighbourInterval {
  readonly interval: DataInterval;
  /** Date of its start in the zone of the schedule, `YYYY-MM-DD`. */
  readonly ds: string;
}

/** None without a schedule, nor of one whose ticks do not hang on the calendar (TI-1). */
export function neighboursOf({ start, end }: DataInterval, schedule: ScheduleOfRun | undefined): IntervalNeighbours {
  if (schedule?.timing === undefined) return {};
  const { timing, timezone } = schedule;
  const ticks = ticksOf({ timing, timezone });
  const before = ticks.before(start);
  const after = ticks.after(end);
  return {
    ...(before === undefined ? {} : { prev: neighbour({ start: before, end: start }, timezone) }),
    ...(after === undefined ? {} : { next: neighbour({ start: end, end: after }, timezone) }),
  };
}

function neighbour(interval: DataInterval, timezone: string): NeighbourInterval {
  return { interval, ds: localDate(interval.start, timezone) };
}
