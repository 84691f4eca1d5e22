import { parseDuration } from "../core/duration.ts";
import type { Instant } from "../core/instant.ts";
import type { SourceLocation } from "../core/manifest.ts";
import type { Timing } from "../core/schedule/schedule-spec.ts";
import { definitionError } from "./call-site.ts";
import { describe, locatedAt, textOf } from "./option-values.ts";

/** Days and weeks keep the wall clock, anything else keeps elapsed time: `1 day` is not `24 hours` (TI-1). */
export function everyTiming(given: unknown, anchor: Instant | undefined, at: SourceLocation): Timing {
  const what = "The step of every(…)";
  const text = textOf(given, what, at).trim().toLowerCase();
  const anchored = anchor === undefined ? {} : { anchor };
  const [, count, unit = ""] = DAYS.exec(text) ?? [];
  if (count !== undefined) return { kind: "every_days", days: daysOf(count, unit, { given, at }), ...anchored };
  const ms = locatedAt(at, () => parseDuration(text, "step of every(…)"));
  if (/\d\s*(?:d|w|day|week)/.test(text)) throw mixed(given, ms, at);
  if (ms >= STEP_MS_MIN) return { kind: "every", ms, ...anchored };
  throw definitionError(`${what} is ${describe(given)}.`, at, "It may be a second or longer.");
}

const DAYS = /^(\d+)\s*(d|days?|w|weeks?)$/;
const DAYS_MAX = 36_500;
const STEP_MS_MIN = 1_000;

function daysOf(
  count: string,
  unit: string,
  { given, at }: { readonly given: unknown; readonly at: SourceLocation },
): number {
  const days = Number(count) * (unit.startsWith("w") ? 7 : 1);
  if (days >= 1 && days <= DAYS_MAX) return days;
  throw definitionError(`The step of every(…) is ${describe(given)}.`, at, `It may be from 1 to ${DAYS_MAX} days.`);
}

/** Half a day more than a day is neither a time of day nor a number of hours. */
function mixed(given: unknown, ms: number, at: SourceLocation): Error {
  const hint = `Days keep the wall clock, hours keep elapsed time: write whole days, or every("${ms / 3_600_000}h").`;
  return definitionError(`The step of every(…) is ${describe(given)}, days and parts of days.`, at, hint);
}
