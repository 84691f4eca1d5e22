import { dayAfter } from "../core/calendar-date.ts";
import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import { type DaylightNote, daylightNotes } from "../core/schedule/daylight-notes.ts";
import { intervalsBetween, type ScheduledInterval } from "../core/schedule/intervals-between.ts";
import { BOUND_FORMS, parseBound } from "../core/schedule/parse-bound.ts";
import type { ScheduleBound, ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { type FilterReason, filterReasonText } from "../core/schedule/tick-filter.ts";
import { ticksOf } from "../core/schedule/ticks-of.ts";
import { type TimeZone, timeZone } from "../core/time-zone.ts";

/** What a preview needs to know of a schedule. */
export type PreviewedSchedule = Pick<ScheduleSpec, "name" | "timing" | "timezone"> &
  Partial<Pick<ScheduleSpec, "start" | "end" | "filter" | "jitterMs" | "enabled">>;

export interface PreviewRange {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly count: number;
  readonly now: Instant;
}

/** A tick that makes a run. */
export interface PreviewedTick {
  readonly schedule: PreviewedSchedule;
  readonly scheduled: ScheduledInterval;
  readonly notes: readonly DaylightNote[];
}

/** Ticks in a row that a calendar holds back. */
export interface HeldBack {
  readonly schedule: PreviewedSchedule;
  readonly from: Instant;
  readonly to: Instant;
  readonly count: number;
  readonly why: string;
}

export interface Preview {
  readonly ticks: readonly PreviewedTick[];
  readonly heldBack: readonly HeldBack[];
  readonly hasMore: boolean;
}

/** Ticks that are looked at; a calendar may hold back all of them. */
const LOOKED_AT_MAX = 100_000;

/** The ticks of one schedule in a range, by `ds` where dates are given (TI-9), with what is held back between them. */
export function previewTicks(schedule: PreviewedSchedule, range: PreviewRange): Preview {
  const zone = timeZone(schedule.timezone);
  const { from, to } = boundsOf(schedule, zone, range);
  const ticks: PreviewedTick[] = [];
  const heldBack: HeldBack[] = [];
  const found = intervalsBetween(schedule, { from, ...(to === undefined ? {} : { to }) }, "oldest_first");
  for (const scheduled of found.take(LOOKED_AT_MAX)) {
    if (ticks.length === range.count) return { ticks, heldBack, hasMore: true };
    if (scheduled.filtered !== undefined) addHeldBack(heldBack, schedule, scheduled, scheduled.filtered);
    else ticks.push({ schedule, scheduled, notes: daylightNotes(schedule.timing, zone, scheduled.interval) });
  }
  return { ticks, heldBack, hasMore: false };
}

/** Goes on with the row before, if nothing ran between and the reason is the same. */
function addHeldBack(
  heldBack: HeldBack[],
  schedule: PreviewedSchedule,
  { interval }: ScheduledInterval,
  reason: FilterReason,
): void {
  const why = filterReasonText(reason);
  const last = heldBack.at(-1);
  const goesOn = last !== undefined && last.to === interval.start && last.why === why;
  if (goesOn) heldBack.pop();
  const { from, count } = goesOn ? last : { from: interval.end, count: 0 };
  heldBack.push({ schedule, from, to: interval.end, count: count + 1, why });
}

/** Without a beginning: from the tick that comes next. */
function boundsOf(
  schedule: PreviewedSchedule,
  zone: TimeZone,
  { from, to, now }: PreviewRange,
): { readonly from: ScheduleBound; readonly to: ScheduleBound | undefined } {
  const first: ScheduleBound =
    from === undefined
      ? { kind: "instant", at: ticksOf(schedule).atOrBefore(now) ?? now }
      : boundOf("--from", from, zone);
  const last = to === undefined ? undefined : boundOf("--to", to, zone);
  if (last === undefined || startOf(first, zone) <= endOf(last, zone)) return { from: first, to: last };
  throw new BatutaError("usage", `--to ${to} lies before ${from === undefined ? "the next tick" : `--from ${from}`}.`, {
    hint: from === undefined ? "Say where to begin with --from." : "Exchange the two.",
  });
}

function boundOf(option: string, text: string, zone: TimeZone): ScheduleBound {
  const bound = parseBound(text, zone);
  if (bound !== undefined) return bound;
  throw new BatutaError("invalid_date", `${option} ${text} is no date.`, { hint: `Write ${BOUND_FORMS}.` });
}

function startOf(bound: ScheduleBound, zone: TimeZone): Instant {
  return bound.kind === "instant" ? bound.at : zone.startOfDay(bound.date);
}

function endOf(bound: ScheduleBound, zone: TimeZone): Instant {
  return bound.kind === "instant" ? bound.at : zone.startOfDay(dayAfter(bound.date)) - 1;
}
