import { closestName } from "./closest-name.ts";
import type { Instant } from "./instant.ts";
import { BatutaError } from "./problem.ts";
import { type ClockShift, ZoneOffsets } from "./zone-offsets.ts";

/** What a wall clock shows: the instant at which a clock in UTC would show the same, in milliseconds. */
export type WallTime = number;

/** Throws `invalid_definition` unless this names an IANA time zone: `Europe/Berlin`, `UTC`. */
export function timeZone(name: string): TimeZone {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const zone = new TimeZone(name);
  zones.set(name, zone);
  return zone;
}

/** What was asked of `Intl` about a zone is never asked again: there are some 600 of them, and they do not change. */
const zones = new Map<string, TimeZone>();

/** The wall clock of one IANA time zone. */
export class TimeZone {
  readonly name: string;
  readonly #offsets: ZoneOffsets;

  constructor(name: string) {
    this.name = name;
    this.#offsets = offsetsOf(name);
  }

  wallTime(instant: Instant): WallTime {
    return instant + this.#offsets.at(instant);
  }

  /** Wall time minus UTC, in milliseconds. */
  offsetAt(instant: Instant): number {
    return this.#offsets.at(instant);
  }

  /** Local date of an instant, `YYYY-MM-DD`. */
  dateOf(instant: Instant): string {
    return dateText(this.wallTime(instant));
  }

  /** The first time that clocks are set after an instant, at or before another. */
  firstShift(after: Instant, until: Instant): ClockShift | undefined {
    return this.#offsets.firstShift(after, until);
  }

  /** The last time that clocks are set after an instant, at or before another. */
  lastShift(after: Instant, until: Instant): ClockShift | undefined {
    return this.#offsets.lastShift(after, until);
  }

  /**
   * First instant of a local day: its midnight, the earlier one where clocks show it twice, and the end of the gap where
   * clocks never show it.
   */
  startOfDay(date: string): Instant {
    return this.#reach(new Date(`${date}T00:00:00Z`).getTime()).at;
  }

  /** The latest wall time that clocks have shown up to an instant: while an hour comes twice, its end. */
  latestWallTime(instant: Instant): WallTime {
    let latest = this.wallTime(instant);
    let from = instant - FAR_MS;
    for (let shift = this.firstShift(from, instant); shift !== undefined; shift = this.firstShift(from, instant)) {
      latest = Math.max(latest, shift.at + shift.before - 1);
      from = shift.at;
    }
    return latest;
  }

  /**
   * The first instant at which clocks show a wall time; where they leave it out, the first after the gap. Undefined when
   * they leave out its whole day.
   */
  firstInstant(wall: WallTime): Instant | undefined {
    const { at, offset } = this.#reach(wall);
    const isShown = at + offset === wall;
    return isShown || dateText(at + offset) === dateText(wall) || this.#hasDay(dateText(wall)) ? at : undefined;
  }

  /** The first instant at which clocks have come as far as a wall time. */
  #reach(wall: WallTime): { readonly at: Instant; readonly offset: number } {
    let from = wall - FAR_MS / 2;
    let offset = this.#offsets.at(from);
    const until = wall + FAR_MS / 2;
    for (let shift = this.firstShift(from, until); shift !== undefined; shift = this.firstShift(from, until)) {
      if (wall < shift.at + shift.before) break;
      from = shift.at;
      offset = shift.after;
    }
    return { at: Math.max(from, wall - offset), offset };
  }

  #hasDay(date: string): boolean {
    const { at, offset } = this.#reach(new Date(`${date}T00:00:00Z`).getTime());
    return dateText(at + offset) === date;
  }
}

/** Wall time and UTC are never a day apart, so that two instants that far apart cannot show the same. */
const FAR_MS = 2 * 86_400_000;

/** `YYYY-MM-DD` of a wall time. */
export function dateText(wall: WallTime): string {
  return new Date(wall).toISOString().slice(0, 10);
}

function offsetsOf(name: string): ZoneOffsets {
  try {
    return new ZoneOffsets(name);
  } catch {
    throw unknownZone(name);
  }
}

function unknownZone(name: string): BatutaError {
  const meant = closestName(name, Intl.supportedValuesOf("timeZone"));
  return new BatutaError("invalid_definition", `${JSON.stringify(name)} is not a time zone.`, {
    hint: meant === undefined ? 'Use an IANA name such as "Europe/Berlin" or "UTC".' : `Did you mean "${meant}"?`,
  });
}
