import type { DataInterval, Instant } from "../instant.ts";
import type { Json } from "../json.ts";
import { BatutaError } from "../problem.ts";
import { timeZone } from "../time-zone.ts";

/**
 * The moment that `until(…)` waits for: a time of day, the first at or after the end of the run's interval in the zone
 * of its pipeline; a length of time after that end; or an instant.
 */
export function momentOf(config: Json, { interval, timezone }: MomentFacts): Instant {
  const { at, afterMs }: MomentConfig = isRecord(config) ? config : {};
  if (typeof afterMs === "number") return interval.end + afterMs;
  if (typeof at !== "string") throw noMoment(config);
  if (TIME_OF_DAY.test(at)) return firstTimeOfDay(at, interval.end, timezone);
  const instant = INSTANT.test(at) ? Date.parse(at) : Number.NaN;
  if (Number.isNaN(instant)) throw noMoment(at);
  return instant;
}

export interface MomentFacts {
  readonly interval: DataInterval;
  readonly timezone: string;
}

/** Where clocks leave the time out it comes right after the gap; where they show it twice, the first time. */
function firstTimeOfDay(time: string, from: Instant, timezone: string): Instant {
  const zone = timeZone(timezone);
  const midnight = Date.parse(`${zone.dateOf(from)}T00:00:00Z`);
  const ofDayMs = Date.parse(`1970-01-01T${time.length === 5 ? `${time}:00` : time}Z`);
  for (let day = 0; day <= DAYS_MAX; day++) {
    const instant = zone.firstInstant(midnight + day * DAY_MS + ofDayMs);
    if (instant !== undefined && instant >= from) return instant;
  }
  throw new Error(`No day after ${from} has the time ${time} in ${timezone}`);
}

interface MomentConfig {
  readonly at?: Json | undefined;
  readonly afterMs?: Json | undefined;
}

function isRecord(config: Json): config is { readonly [name: string]: Json | undefined } {
  return typeof config === "object" && config !== null && !Array.isArray(config);
}

function noMoment(given: Json): BatutaError {
  return new BatutaError("invalid_definition", `${JSON.stringify(given)} is no moment to wait for.`, {
    hint: 'Write a time of day such as "06:30", or an instant such as "2026-03-01T06:30:00Z".',
  });
}

const DAY_MS = 86_400_000;
/** A zone may leave out a day, and has never left out two. */
const DAYS_MAX = 3;
const TIME_OF_DAY = /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
