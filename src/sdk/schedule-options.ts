import type { Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { BOUND_FORMS, parseBound } from "../core/schedule/parse-bound.ts";
import {
  type CatchUp,
  DEFAULT_GRACE_MS,
  DEFAULT_SCHEDULE,
  type ScheduleBound,
  type ScheduleSpec,
} from "../core/schedule/schedule-spec.ts";
import { type TimeZone, timeZone } from "../core/time-zone.ts";
import { definitionError } from "./call-site.ts";
import {
  booleanOf,
  checkOptionNames,
  describe,
  durationOf,
  locatedAt,
  nameOf,
  textOf,
  wholeNumberOf,
} from "./option-values.ts";
import { FILTER_NAMES, type FilterOptions, readFilter } from "./schedule-filter.ts";

/**
 * What every schedule takes.
 *
 * @example
 * const options: CommonScheduleOptions = { name: "eu", timezone: "Europe/Berlin", params: { region: "eu" } };
 */
export interface CommonScheduleOptions {
  /** Tells the schedules of one pipeline apart; `main` when absent. */
  readonly name?: string;
  /** IANA zone in which it is read, and in which `ds` is the date; `UTC` when absent. */
  readonly timezone?: string;
  /** The first interval: a date is its `ds`, a moment lies before it. Absent = it begins when it is deployed. */
  readonly start?: string;
  /** The last interval: a date is its `ds`, a moment lies after it. */
  readonly end?: string;
  /** `false`: off. Nothing fires, and nothing is forgotten, as with a paused pipeline. */
  readonly enabled?: boolean;
  /** What becomes of ticks that an outage has made later than `grace`; `latest` when absent. */
  readonly catchUp?: CatchUp;
  /** Ticks late by less are all made up for; 10 minutes when absent. */
  readonly grace?: string | number;
  /** Parameters of its runs; the pipeline's own schema validates and completes them. */
  readonly params?: { readonly [name: string]: Json };
}

/**
 * What a schedule takes that follows the calendar.
 *
 * @example
 * const options: ScheduleOptions = {
 *   timezone: "Europe/Berlin",
 *   windows: [{ days: "mon-fri", from: "08:00", to: "18:00" }],
 *   calendar: "calendars/de.json",
 *   jitter: "5m",
 * };
 */
export interface ScheduleOptions extends CommonScheduleOptions, FilterOptions {
  /** Runs start up to so much later, always by the same for one schedule; their intervals stay as they are. */
  readonly jitter?: string | number;
}

export const SCHEDULE_OPTION_NAMES = [
  "name",
  "timezone",
  "start",
  "end",
  "enabled",
  "catchUp",
  "grace",
  "params",
  "jitter",
  ...FILTER_NAMES,
] as const satisfies readonly (keyof ScheduleOptions)[];

/** A schedule but for its timing and its parameters, which the pipeline's schema has to complete. */
type Settings = Omit<ScheduleSpec, "timing" | "params">;

export interface ReadOptions {
  readonly settings: Settings;
  readonly zone: TimeZone;
  /** Nothing was said of catching up. */
  readonly catchUpUnsaid?: true;
  readonly params?: { readonly [name: string]: Json };
}

/** Reads and checks the options of one schedule; `what` is the call, `cron(…)`. */
export function readScheduleOptions(
  options: ScheduleOptions,
  names: readonly string[],
  { what, at }: { readonly what: string; readonly at: SourceLocation },
): ReadOptions {
  const given: unknown = options;
  checkOptionNames<Record<string, unknown>>(given, names, what, at);
  const option = (name: string): string => `\`${name}\` of ${what}`;
  const { name = DEFAULT_SCHEDULE, timezone = "UTC", enabled = true, catchUp = "latest", params } = options;
  const zone = locatedAt(at, () => timeZone(textOf(timezone, option("timezone"), at)));
  const filter = readFilter(options, what, at);
  const graceMs = options.grace === undefined ? DEFAULT_GRACE_MS : durationOf(options.grace, option("grace"), at);
  return {
    zone,
    settings: {
      name: nameOf(name, option("name"), at),
      timezone,
      ...boundsOf(options, zone, { what, at }),
      ...(filter === undefined ? {} : { filter }),
      ...(options.jitter === undefined ? {} : { jitterMs: jitterOf(options.jitter, option("jitter"), at) }),
      catchUp: catchUpOf(catchUp, option("catchUp"), at),
      graceMs,
      enabled: booleanOf(enabled, option("enabled"), at),
    },
    ...(options.catchUp === undefined ? { catchUpUnsaid: true } : {}),
    ...(params === undefined ? {} : { params: paramsOf(params, option("params"), at) }),
  };
}

function boundsOf(
  { start, end }: CommonScheduleOptions,
  zone: TimeZone,
  { what, at }: { readonly what: string; readonly at: SourceLocation },
): Pick<Settings, "start" | "end"> {
  const first = start === undefined ? undefined : boundOf(start, zone, { what: `\`start\` of ${what}`, at });
  const last = end === undefined ? undefined : boundOf(end, zone, { what: `\`end\` of ${what}`, at });
  if (first !== undefined && last !== undefined && earliest(first, zone) > earliest(last, zone)) {
    const message = `\`end\` of ${what} lies before its \`start\`: ${describe(end)} before ${describe(start)}.`;
    throw definitionError(message, at, "Exchange the two, or leave one out.");
  }
  return { ...(first === undefined ? {} : { start: first }), ...(last === undefined ? {} : { end: last }) };
}

export function boundOf(
  given: unknown,
  zone: TimeZone,
  { what, at }: { readonly what: string; readonly at: SourceLocation },
): ScheduleBound {
  const bound = typeof given === "string" ? parseBound(given, zone) : undefined;
  if (bound !== undefined) return bound;
  throw definitionError(`${what} is ${describe(given)}.`, at, `Write ${BOUND_FORMS}.`);
}

/** The first instant of a bound: of a date that of its day. */
export function earliest(bound: ScheduleBound, zone: TimeZone): Instant {
  return bound.kind === "instant" ? bound.at : zone.startOfDay(bound.date);
}

function jitterOf(given: unknown, what: string, at: SourceLocation): number {
  return durationOf(given, what, at, { max: JITTER_MS_MAX });
}

const JITTER_MS_MAX = 86_400_000;

function catchUpOf(given: unknown, what: string, at: SourceLocation): CatchUp {
  const known = CATCH_UPS.find((catchUp) => catchUp === given);
  if (known !== undefined) return known;
  if (typeof given === "object" && given !== null) {
    checkOptionNames<{ readonly max: unknown }>(given, ["max"], what, at);
    return { max: wholeNumberOf(given.max, `\`max\` in ${what}`, at, { min: 1 }) };
  }
  throw definitionError(`${what} is ${describe(given)}.`, at, `Write one of ${CATCH_UPS.join(", ")}, or { max: 10 }.`);
}

const CATCH_UPS = ["latest", "none", "all", "coalesce"] as const;

function paramsOf(given: unknown, what: string, at: SourceLocation): { readonly [name: string]: Json } {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return JSON.parse(JSON.stringify(given));
  }
  throw definitionError(`${what} is ${describe(given)}.`, at, 'Write an object: params: { region: "eu" }.');
}
