import type { Instant } from "../instant.ts";
import type { Ticks } from "./ticks.ts";

/**
 * Dates have years of four digits, so the calendar ends with the year 9999: nothing fires in the two days before its end,
 * which zones need for their own, nor after it.
 */
const CALENDAR_END: Instant = Date.UTC(9999, 11, 30);

/** Ticks as they are, up to the end of the calendar. */
export class TicksOfCalendar implements Ticks {
  readonly #ticks: Ticks;

  constructor(ticks: Ticks) {
    this.#ticks = ticks;
  }

  after(instant: Instant): Instant | undefined {
    const at = instant < CALENDAR_END ? this.#ticks.after(instant) : undefined;
    return at !== undefined && at < CALENDAR_END ? at : undefined;
  }

  before(instant: Instant): Instant | undefined {
    return this.#ticks.before(Math.min(instant, CALENDAR_END));
  }

  atOrBefore(instant: Instant): Instant | undefined {
    return this.#ticks.atOrBefore(Math.min(instant, CALENDAR_END - 1));
  }
}
