import { closestName } from "./closest-name.ts";
import type { Instant } from "./instant.ts";
import { BatutaError } from "./problem.ts";

const DAY_MS = 86_400_000;

/** Throws `invalid_definition` unless this names an IANA time zone: `Europe/Berlin`, `UTC`. */
export function checkTimezone(name: string): void {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions();
  } catch {
    throw unknownZone(name);
  }
}

/** What the wall clock shows in one IANA time zone. Throws `invalid_definition` when there is no such zone. */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat;

  constructor(name: string) {
    checkTimezone(name);
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  }

  /** Local date of an instant, `YYYY-MM-DD`. */
  dateOf(instant: Instant): string {
    return new Date(this.#wallTime(instant)).toISOString().slice(0, 10);
  }

  /**
   * First instant of a local day: its midnight, the earlier one where clocks show it twice, and the end of the gap where
   * clocks never show it.
   */
  startOfDay(date: string): Instant {
    const midnight = new Date(`${date}T00:00:00Z`).getTime();
    const before = this.#offset(midnight - DAY_MS);
    const after = this.#offset(midnight + DAY_MS);
    const candidates = [midnight - before, midnight - after].sort((one, other) => one - other);
    const [early = 0, late = 0] = candidates;
    return candidates.find((instant) => this.#wallTime(instant) === midnight) ?? this.#gapEnd(early, late);
  }

  /** First instant between the two at which the offset is that of the later one. */
  #gapEnd(early: Instant, late: Instant): Instant {
    const after = this.#offset(late);
    let low = early;
    let high = late;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Wall time minus UTC, in milliseconds. */
  #offset(instant: Instant): number {
    return this.#wallTime(instant) - instant;
  }

  /** The instant at which a clock in UTC would show what the clock of this zone shows now. */
  #wallTime(instant: Instant): number {
    const shown = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
    const milliseconds = ((instant % 1_000) + 1_000) % 1_000;
    // Date.UTC would take the years 0 to 99 for 1900 to 1999.
    const wall = new Date(0);
    wall.setUTCFullYear(part("year"), part("month") - 1, part("day"));
    return wall.setUTCHours(part("hour"), part("minute"), part("second"), milliseconds);
  }
}

function unknownZone(name: string): BatutaError {
  const meant = closestName(name, Intl.supportedValuesOf("timeZone"));
  return new BatutaError("invalid_definition", `${JSON.stringify(name)} is not a time zone.`, {
    hint: meant === undefined ? 'Use an IANA name such as "Europe/Berlin" or "UTC".' : `Did you mean "${meant}"?`,
  });
}
