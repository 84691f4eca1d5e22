import { dayAfter } from "../calendar-date.ts";
import type { DataInterval, Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import type { ScheduleBound } from "./schedule-spec.ts";

/**
 * Intervals that bounds select: a date by `ds`, an instant those wholly on its side; both ends are inclusive (TI-9). A
 * side without bounds is open; of several the narrowest counts.
 */
export class IntervalRange {
  /** No interval that begins earlier is in it. */
  readonly firstStart: Instant;
  /** No interval that begins then or later is in it. */
  readonly startsEnd: Instant;
  readonly #zone: TimeZone;
  readonly #from: readonly ScheduleBound[];
  readonly #to: readonly ScheduleBound[];

  constructor(
    zone: TimeZone,
    { from, to }: { readonly from: readonly ScheduleBound[]; readonly to: readonly ScheduleBound[] },
  ) {
    this.#zone = zone;
    this.#from = from;
    this.#to = to;
    this.firstStart = Math.max(...from.map((bound) => earliestStart(bound, zone)));
    this.startsEnd = Math.min(...to.map((bound) => latestStart(bound, zone)));
  }

  has(interval: DataInterval): boolean {
    return !this.isBefore(interval) && !this.isAfter(interval);
  }

  /** It begins too early. */
  isBefore({ start }: DataInterval): boolean {
    return this.#from.some((bound) =>
      bound.kind === "instant" ? start < bound.at : this.#zone.dateOf(start) < bound.date,
    );
  }

  /** It begins or ends too late. */
  isAfter({ start, end }: DataInterval): boolean {
    return this.#to.some((bound) =>
      bound.kind === "instant" ? end > bound.at : this.#zone.dateOf(start) > bound.date,
    );
  }
}

function earliestStart(bound: ScheduleBound, zone: TimeZone): Instant {
  return bound.kind === "instant" ? bound.at : zone.startOfDay(bound.date);
}

function latestStart(bound: ScheduleBound, zone: TimeZone): Instant {
  if (bound.kind === "instant") return bound.at + 1;
  // Where clocks go back over midnight, the day goes on after the next one has begun.
  return zone.startOfDay(dayAfter(bound.date)) + FOLD_MS_MAX;
}

const FOLD_MS_MAX = 86_400_000;
