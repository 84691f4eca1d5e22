import type { Instant } from "../instant.ts";
import { timeZone } from "../time-zone.ts";
import type { ClockDeadline } from "./deadline-spec.ts";

/** The moment of a clock time for an interval that ends then; where clocks leave the time out, the first after it. */
export function clockDeadlineAt({ minute, timezone, day }: ClockDeadline, end: Instant, zoneOfRun: string): Instant {
  const zone = timeZone(timezone ?? zoneOfRun);
  const midnight = Date.parse(`${zone.dateOf(end)}T00:00:00Z`) + day * DAY_MS;
  const date = new Date(midnight).toISOString().slice(0, 10);
  return zone.firstInstant(midnight + minute * MINUTE_MS) ?? zone.startOfDay(date);
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
