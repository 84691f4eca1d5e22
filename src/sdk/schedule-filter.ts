import { isCalendarDate } from "../core/calendar-date.ts";
import type { SourceLocation } from "../core/manifest.ts";
import type { DateRange, TickFilter, TickWindow } from "../core/schedule/tick-filter.ts";
import { parseTimeOfDay, parseWeekdays } from "../core/schedule/window-text.ts";
import { definitionError } from "./call-site.ts";
import { checkOptionNames, describe, listOf, textOf } from "./option-values.ts";

/**
 * Which ticks make runs, by the local time at which they fire. What is held back is recorded as skipped by calendar.
 *
 * @example
 * const filter: FilterOptions = { blackout: ["2024-12-24/2025-01-01"], calendar: "calendars/de.json" };
 */
export interface FilterOptions {
  /** A tick must fall into one of them. */
  readonly windows?: readonly WindowOptions[];
  /** Dates without runs: `"2024-12-24"`, or `"2024-12-24/2025-01-01"`, both ends inclusive. */
  readonly blackout?: readonly string[];
  /** A JSON file of the project that lists holidays: dates without runs. */
  readonly calendar?: string;
}

/**
 * Hours of certain days. One that ends before it begins goes over midnight, and belongs to the day on which it begins.
 *
 * @example
 * const office: WindowOptions = { days: "mon-fri", from: "08:00", to: "18:00" };
 */
export interface WindowOptions {
  /** `"mon-fri"`, `"sat,sun"`; every day when absent. */
  readonly days?: string;
  /** `"08:00"`; midnight when absent. */
  readonly from?: string;
  /** `"18:00"`, which is not in it any more; midnight when absent. */
  readonly to?: string;
}

export const FILTER_NAMES = ["windows", "blackout", "calendar"] as const satisfies readonly (keyof FilterOptions)[];

export function readFilter(
  { windows, blackout, calendar }: FilterOptions,
  what: string,
  at: SourceLocation,
): TickFilter | undefined {
  if (windows === undefined && blackout === undefined && calendar === undefined) return undefined;
  const option = (name: string): string => `\`${name}\` of ${what}`;
  return {
    ...(windows === undefined ? {} : { windows: windowsOf(windows, option("windows"), at) }),
    ...(blackout === undefined ? {} : { blackout: blackoutOf(blackout, option("blackout"), at) }),
    ...(calendar === undefined ? {} : { calendar: calendarOf(calendar, option("calendar"), at) }),
  };
}

function windowsOf(given: unknown, what: string, at: SourceLocation): readonly TickWindow[] {
  const hint = 'Write a list: windows: [{ days: "mon-fri", from: "08:00", to: "18:00" }].';
  const list = listOf(given, (item): item is object => typeof item === "object" && item !== null, { what, at, hint });
  if (list.length > 0) return list.map((item) => windowOf(item, `a window in ${what}`, at));
  throw definitionError(`${what} is an empty list, so that nothing would ever run.`, at, hint);
}

export function windowOf(given: object, what: string, at: SourceLocation): TickWindow {
  checkOptionNames<WindowOptions>(given, ["days", "from", "to"], what, at);
  const { days, from = "00:00", to = "24:00" } = given;
  const fromMinute = minuteOf(from, `\`from\` of ${what}`, at) % DAY_MINUTES;
  const toMinute = minuteOf(to, `\`to\` of ${what}`, at);
  if (fromMinute === toMinute) {
    throw definitionError(`${what} begins and ends at ${from}.`, at, "Leave `from` and `to` out for the whole day.");
  }
  return { ...(days === undefined ? {} : { days: daysOf(days, `\`days\` of ${what}`, at) }), fromMinute, toMinute };
}

const DAY_MINUTES = 1_440;

function minuteOf(given: unknown, what: string, at: SourceLocation): number {
  const found = parseTimeOfDay(textOf(given, what, at));
  if (found !== undefined) return found;
  throw definitionError(`${what} is ${describe(given)}.`, at, 'Write a time of day, from "00:00" to "24:00".');
}

function daysOf(given: unknown, what: string, at: SourceLocation): readonly number[] {
  const found = parseWeekdays(textOf(given, what, at));
  if (found !== undefined) return found;
  throw definitionError(`${what} is ${describe(given)}.`, at, 'Write "mon-fri", "sat,sun" or the like.');
}

function blackoutOf(given: unknown, what: string, at: SourceLocation): readonly DateRange[] {
  const hint = 'Write a list of dates, "2024-12-24", and of ranges, "2024-12-24/2025-01-01".';
  const list = listOf(given, (item): item is string => typeof item === "string", { what, at, hint });
  return list.map((item) => {
    const [from = "", to = from, ...rest] = item.split("/");
    if (rest.length === 0 && isCalendarDate(from) && isCalendarDate(to) && from <= to) return { from, to };
    throw definitionError(`${describe(item)} in ${what} is no date and no range of dates.`, at, hint);
  });
}

function calendarOf(given: unknown, what: string, at: SourceLocation): string {
  const path = textOf(given, what, at).replace(/^\.\//, "");
  const isOutside = path.startsWith("/") || path.split("/").includes("..") || path.includes("\\");
  if (path.endsWith(".json") && !isOutside) return path;
  const hint = 'Name a JSON file by its path from the project folder: calendar: "calendars/de.json".';
  throw definitionError(`${what} is ${describe(given)}.`, at, hint);
}
