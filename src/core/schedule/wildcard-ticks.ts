import type { Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import type { Ticks } from "./ticks.ts";
import type { WallTimes } from "./wall-times.ts";

/** Every real instant at which clocks show a listed time: twice in an hour that comes twice, never in a gap. */
export class WildcardTicks implements Ticks {
  readonly #zone: TimeZone;
  readonly #listed: WallTimes;

  constructor(zone: TimeZone, listed: WallTimes) {
    this.#zone = zone;
    this.#listed = listed;
  }

  after(instant: Instant): Instant | undefined {
    let from = instant;
    let offset = this.#zone.offsetAt(from);
    let wall = this.#listed.next(from + offset);
    while (wall !== undefined) {
      const at = wall - offset;
      const shift = this.#zone.firstShift(from, at);
      if (shift === undefined) return at;
      from = shift.at;
      offset = shift.after;
      wall = this.#listed.next(from + offset - 1);
    }
    return undefined;
  }

  before(instant: Instant): Instant | undefined {
    let until = instant;
    let offset = this.#zone.offsetAt(until - 1);
    let wall = this.#listed.previous(until + offset);
    while (wall !== undefined) {
      const at = wall - offset;
      const shift = this.#zone.lastShift(at, until - 1);
      if (shift === undefined) return at;
      until = shift.at;
      offset = shift.before;
      wall = this.#listed.previous(until + offset);
    }
    return undefined;
  }

  atOrBefore(instant: Instant): Instant | undefined {
    return this.before(instant + 1);
  }
}
