import { isCalendarDate } from "../calendar-date.ts";
import type { Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import type { ScheduleBound } from "./schedule-spec.ts";

/**
 * A date, `2024-01-31`, or a moment: `2024-01-31T06:00Z`, with an offset, or without one as the clocks of the zone show
 * it. Undefined for anything else.
 */
export function parseBound(text: string, zone: TimeZone): ScheduleBound | undefined {
  if (isCalendarDate(text)) return { kind: "date", date: text };
  const at = parseMoment(text, zone);
  return at === undefined ? undefined : { kind: "instant", at };
}

/** How a bound is written, for hints. */
export const BOUND_FORMS =
  'a date "2024-01-31", or a moment "2024-01-31T06:00Z" or, by local clocks, "2024-01-31T06:00"';

const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?$/;

function parseMoment(text: string, zone: TimeZone): Instant | undefined {
  const [, date = "", time = "", offset] = MOMENT.exec(text) ?? [];
  if (!isCalendarDate(date)) return undefined;
  const parsed = new Date(`${date}T${time}${offset ?? "Z"}`).getTime();
  if (Number.isNaN(parsed)) return undefined;
  return offset === undefined ? zone.firstInstant(parsed) : parsed;
}
