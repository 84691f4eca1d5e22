import type { Instant } from "../instant.ts";
import { dateText, type TimeZone, type WallTime } from "../time-zone.ts";
import type { Ticks } from "./ticks.ts";
import type { WallTimes } from "./wall-times.ts";

/**
 * Every listed time once per local day: in an hour that comes twice at its first occurrence, in a gap at the first
 * instant after it. So a time is due as soon as clocks have come as far; what else they show until then is no matter.
 */
export class FixedTicks implements Ticks {
  readonly #zone: TimeZone;
  readonly #listed: WallTimes;

  constructor(zone: TimeZone, listed: WallTimes) {
    this.#zone = zone;
    this.#listed = listed;
  }

  after(instant: Instant): Instant | undefined {
    let wall = this.#listed.next(this.#zone.latestWallTime(instant));
    while (wall !== undefined) {
      const at = this.#zone.firstInstant(wall);
      if (at !== undefined) return at;
      wall = this.#listed.next(lastOfDay(wall));
    }
    return undefined;
  }

  before(instant: Instant): Instant | undefined {
    let wall = this.#listed.previous(this.#zone.latestWallTime(instant - 1) + 1);
    while (wall !== undefined) {
      const at = this.#zone.firstInstant(wall);
      if (at !== undefined) return at;
      wall = this.#listed.previous(firstOfDay(wall));
    }
    return undefined;
  }

  atOrBefore(instant: Instant): Instant | undefined {
    return this.before(instant + 1);
  }
}

/** A day that the clocks leave out is left out whole: its times are nobody's. */
function firstOfDay(wall: WallTime): WallTime {
  return new Date(`${dateText(wall)}T00:00:00Z`).getTime();
}

function lastOfDay(wall: WallTime): WallTime {
  return firstOfDay(wall) + 86_400_000 - 1;
}
