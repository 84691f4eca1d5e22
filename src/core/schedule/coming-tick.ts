import { dayAfter } from "../calendar-date.ts";
import type { Instant } from "../instant.ts";
import { opensAt } from "../open-hours.ts";
import { type TimeZone, timeZone } from "../time-zone.ts";
import type { HeldTick } from "./held-tick.ts";
import { IntervalRange } from "./interval-range.ts";
import type { ScheduleCalendar } from "./intervals-between.ts";
import { filterReason, type TickFilter } from "./tick-filter.ts";
import type { Ticks } from "./ticks.ts";
import { ticksOf } from "./ticks-of.ts";

/** The next tick of a schedule that makes a run, or why there is none. */
export type ComingTick =
  | { readonly kind: "tick"; readonly at: Instant }
  /** It ends before that, or has no ticks any more. Of what is held back, the first tick for each kind of reason. */
  | { readonly kind: "over"; readonly held: readonly HeldTick[] }
  /** All are held back, as far as anybody looks: for a year, and twelve ticks at least. */
  | { readonly kind: "held"; readonly held: readonly HeldTick[] }
  /** Too much is held back to look at so far. */
  | { readonly kind: "unknown" };

const LOOK_MS = 366 * 86_400_000;
/** What fires once a year meets a holiday now and then. */
const LOOK_TICKS = 12;
/** Days and windows are passed at one go, so that this is a year of most. */
const STEPS_MAX = 3_000;

/** Looks for the first tick after an instant that start, end and filters of its schedule let through. */
export function comingTick(schedule: ScheduleCalendar, after: Instant): ComingTick {
  const { filter } = schedule;
  const zone = timeZone(schedule.timezone);
  const ticks = ticksOf(schedule);
  const range = boundsOf(schedule, zone);
  const from = Math.max(after, range.firstStart - 1);
  const held: HeldTick[] = [];
  let tick = ticks.after(from);
  for (let steps = 0; steps < STEPS_MAX && tick !== undefined; steps++) {
    const interval = { start: ticks.before(tick) ?? tick, end: tick };
    if (range.isAfter(interval)) return { kind: "over", held };
    if (tick > from + LOOK_MS && tick > lookedUntil(ticks, from)) return { kind: "held", held };
    const reason = filter === undefined ? undefined : filterReason(filter, zone, tick);
    if (range.isBefore(interval)) {
      tick = ticks.after(tick);
      continue;
    }
    if (reason === undefined) return { kind: "tick", at: tick };
    if (!held.some(({ reason: { by } }) => by === reason.by)) held.push({ tick, reason });
    tick = ticks.after(endOfHold({ tick, reason }, filter, zone) - 1);
  }
  return tick === undefined ? { kind: "over", held } : { kind: "unknown" };
}

function boundsOf({ start, end }: ScheduleCalendar, zone: TimeZone): IntervalRange {
  return new IntervalRange(zone, { from: start === undefined ? [] : [start], to: end === undefined ? [] : [end] });
}

function lookedUntil(ticks: Ticks, from: Instant): Instant {
  let tick = from;
  for (let count = 0; count < LOOK_TICKS; count++) tick = ticks.after(tick) ?? tick;
  return tick;
}

/** Ticks before this are held back as well; it lies after the tick. */
function endOfHold({ tick, reason }: HeldTick, filter: TickFilter | undefined, zone: TimeZone): Instant {
  const until =
    reason.by === "windows"
      ? opensAt({ timezone: zone.name, windows: filter?.windows ?? [] }, tick)
      : zone.startOfDay(dayAfter(zone.dateOf(tick)));
  if (until === undefined || until <= tick) return tick + 1;
  // Where clocks are set they may show again what they have shown before.
  return zone.firstShift(tick, until)?.at ?? until;
}
