import type { Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import type { CatchUp, ScheduleSpec } from "./schedule-spec.ts";
import { filterReason } from "./tick-filter.ts";
import type { Ticks } from "./ticks.ts";

/** So many ticks in a row are left out by filters hardly ever; what lies before them is taken for missed. */
const BACK_STEPS_MAX = 200_000;

export interface LateTicks {
  readonly spec: Pick<ScheduleSpec, "filter">;
  readonly ticks: Ticks;
  readonly zone: TimeZone;
  /** They lie after this. */
  readonly after: Instant;
  /** And not after this. */
  readonly upTo: Instant;
}

/** Of the ticks that are late: those from here on make runs by `catchUp`, and those before were missed (TI-4). */
export function keptFrom(catchUp: CatchUp, late: LateTicks): Instant {
  if (catchUp === "none") return Number.POSITIVE_INFINITY;
  if (catchUp === "all" || catchUp === "coalesce") return Number.NEGATIVE_INFINITY;
  return nthLast(late, catchUp === "latest" ? 1 : catchUp.max);
}

/** The last tick that filters let through. */
export function lastKept(late: LateTicks): Instant | undefined {
  const found = nthLast(late, 1);
  return Number.isFinite(found) ? found : undefined;
}

/** The nth from the end of those that filters let through, or the first of them; infinite when there is none. */
function nthLast({ spec: { filter }, ticks, zone, after, upTo }: LateTicks, count: number): Instant {
  let found = Number.POSITIVE_INFINITY;
  let left = count;
  let tick = ticks.atOrBefore(upTo);
  for (let steps = 0; steps < BACK_STEPS_MAX && left > 0 && tick !== undefined && tick > after; steps++) {
    const reason = filter === undefined ? undefined : filterReason(filter, zone, tick);
    if (reason === undefined) {
      found = tick;
      left -= 1;
    }
    const isWholeDay = reason !== undefined && reason.by !== "windows";
    tick = ticks.before(isWholeDay ? zone.startOfDay(zone.dateOf(tick)) : tick);
  }
  return found;
}
