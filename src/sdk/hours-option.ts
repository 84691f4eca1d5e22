import type { SourceLocation } from "../core/manifest.ts";
import type { OpenHours } from "../core/open-hours.ts";
import { timeZone } from "../core/time-zone.ts";
import { definitionError } from "./call-site.ts";
import { checkOptionNames, describe, locatedAt, textOf } from "./option-values.ts";
import { type WindowOptions, windowOf } from "./schedule-filter.ts";

/**
 * Hours within which attempts may start. What runs when they close goes on; what waits says until when.
 *
 * @example
 * task("compact", { runOnlyBetween: { from: "22:00", to: "06:00", timezone: "Europe/Berlin" } }, compact);
 */
export interface HoursOptions extends WindowOptions {
  /** IANA zone; `UTC` when absent. */
  readonly timezone?: string;
}

/** One window, or several of one zone. */
export function hoursOf(given: unknown, what: string, at: SourceLocation): OpenHours {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const read = list.map((item) => readOne(item, what, at));
  const zones = [...new Set(read.map(({ timezone }) => timezone))];
  const [timezone] = zones;
  const hint = 'Write runOnlyBetween: { days: "mon-fri", from: "22:00", to: "06:00", timezone: "Europe/Berlin" }.';
  if (timezone === undefined) throw definitionError(`${what} is an empty list.`, at, hint);
  if (zones.length > 1) throw definitionError(`${what} names several zones: ${zones.join(", ")}.`, at, hint);
  return { timezone, windows: read.map(({ window }) => window) };
}

function readOne(given: unknown, what: string, at: SourceLocation) {
  const hint = 'Write runOnlyBetween: { from: "22:00", to: "06:00" }.';
  if (typeof given !== "object" || given === null) {
    throw definitionError(`${what} is ${describe(given)}.`, at, hint);
  }
  checkOptionNames<HoursOptions>(given, ["days", "from", "to", "timezone"], what, at);
  const { timezone = "UTC", ...window } = given;
  const name = textOf(timezone, `\`timezone\` of ${what}`, at);
  locatedAt(at, () => timeZone(name));
  if (Object.keys(window).length === 0) throw definitionError(`${what} says no hours.`, at, hint);
  return { timezone: name, window: windowOf(window, what, at) };
}
