import type { Instant } from "./instant.ts";
import { filterReason, type TickWindow } from "./schedule/tick-filter.ts";
import { parseWindow, windowText } from "./schedule/window-text.ts";
import { timeZone } from "./time-zone.ts";

/** When attempts may start, by the wall clock of a zone (TI-8). What runs when they close goes on. */
export interface OpenHours {
  readonly timezone: string;
  readonly windows: readonly TickWindow[];
}

const PREFIX = "hours:";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Every window of a week has begun once within so many days. */
const DAYS_AHEAD = 8;

/**
 * The scope that stands for the hours: its name says all of it, `hours:Europe/Berlin mon-fri 08:00-18:00`, so that tasks
 * with equal hours wait in one lane.
 */
export function hoursScope({ timezone, windows }: OpenHours): string {
  return `${PREFIX}${timezone} ${windows.map(windowText).join(", ")}`;
}

/** The hours that a scope stands for; undefined for any other scope. */
export function hoursOfScope(scope: string): OpenHours | undefined {
  if (!scope.startsWith(PREFIX)) return undefined;
  const [timezone = "", ...rest] = scope.slice(PREFIX.length).split(" ");
  const windows = rest
    .join(" ")
    .split(", ")
    .flatMap((text) => parseWindow(text) ?? []);
  return { timezone, windows };
}

export function isOpen({ timezone, windows }: OpenHours, at: Instant): boolean {
  return filterReason({ windows }, timeZone(timezone), at) === undefined;
}

/** When closed hours open next; undefined when they never do, as where clocks leave their only hour out. */
export function opensAt(hours: OpenHours, now: Instant): Instant | undefined {
  const zone = timeZone(hours.timezone);
  const today = Math.floor(zone.wallTime(now) / DAY_MS) * DAY_MS;
  for (let day = 0; day < DAYS_AHEAD; day++) {
    const midnight = today + day * DAY_MS;
    const begins = hours.windows.flatMap(
      ({ fromMinute }) => zone.firstInstant(midnight + fromMinute * MINUTE_MS) ?? [],
    );
    const coming = begins.filter((at) => at > now && isOpen(hours, at));
    if (coming.length > 0) return Math.min(...coming);
  }
  return undefined;
}
