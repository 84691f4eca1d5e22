import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { checkCron } from "../core/schedule/cron-ticks.ts";
import type { ScheduleSpec, Timing } from "../core/schedule/schedule-spec.ts";
import { callSite, definitionError } from "./call-site.ts";
import { everyTiming } from "./every-timing.ts";
import { checkOptionNames, durationOf, locatedAt, textOf } from "./option-values.ts";
import { FILTER_NAMES, type FilterOptions } from "./schedule-filter.ts";
import {
  boundOf,
  type CommonScheduleOptions,
  earliest,
  type ReadOptions,
  readScheduleOptions,
  SCHEDULE_OPTION_NAMES,
  type ScheduleOptions,
} from "./schedule-options.ts";

/**
 * When a pipeline runs by itself: what `cron`, `every`, `once`, `continuous` and `timetable` give.
 *
 * @example
 * const schedule: Schedule = cron("0 6 * * *", { timezone: "Europe/Berlin" });
 */
export interface Schedule extends Omit<ScheduleSpec, "params"> {
  readonly batuta: "schedule";
  readonly location: SourceLocation;
  /** Its tasks say how it catches up: with a cursor, by one run over all that was missed. */
  readonly catchUpUnsaid?: true;
  /** As they are given: the pipeline's schema has yet to complete them. */
  readonly params?: { readonly [name: string]: Json };
  /** The user's function that says when it fires. */
  readonly nextTick?: NextTick;
}

/**
 * Says when a schedule fires next, strictly after a moment; `undefined` = never again.
 *
 * @example
 * const newMoon: NextTick = (after) => moons.find((moon) => moon > after);
 */
export type NextTick = (after: Date) => Date | undefined;

/**
 * Five fields (minute, hour, day of month, month, day of week), six with seconds first, or a name: `@hourly`, `@daily`,
 * `@weekly`, `@monthly`, `@yearly`, `@midnight`, `@once`, `@continuous`. The run made at a tick works on the interval from
 * the tick before to this one.
 *
 * A schedule whose minute or hour begins with `*` fires at every real instant that matches. Any other fires once per local
 * day and listed time, also on the days on which clocks are set.
 *
 * @example
 * pipeline("daily_sales_report", { schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }) }, build);
 */
export function cron(expression: string, options: ScheduleOptions = {}): Schedule {
  const at = callSite(cron);
  const text = textOf(expression, "The expression of cron(…)", at).trim();
  if (text.toLowerCase() === "@once") return onceSchedule(options, "cron(…)", at);
  if (text.toLowerCase() === "@continuous") return continuousSchedule(options, "cron(…)", at);
  const read = readScheduleOptions(options, SCHEDULE_OPTION_NAMES, { what: "cron(…)", at });
  locatedAt(at, () => checkCron({ expression: text, timezone: read.settings.timezone }));
  return schedule(read, { kind: "cron", expression: text }, at);
}

/**
 * Equal steps of time: `"10m"`, `"10s"`, `"24 hours"`. They are counted from 1970-01-01T00:00 in the schedule's zone, or
 * from `anchor`. Days and weeks, `"1 day"`, keep the wall clock over summer time; `"24 hours"` keeps elapsed time.
 *
 * @example
 * pipeline("poll_orders", { schedule: every("10m") }, build);
 * pipeline("fortnightly", { schedule: every("2 weeks", { anchor: "2024-01-05T09:00", timezone: "Europe/Berlin" }) }, build);
 */
export function every(step: string, options: EveryOptions = {}): Schedule {
  const at = callSite(every);
  const read = readScheduleOptions(options, [...SCHEDULE_OPTION_NAMES, "anchor"], { what: "every(…)", at });
  const { zone } = read;
  const { anchor } = options;
  const from = anchor === undefined ? undefined : boundOf(anchor, zone, { what: "`anchor` of every(…)", at });
  return schedule(read, everyTiming(step, from === undefined ? undefined : earliest(from, zone), at), at);
}

/**
 * What `every` takes.
 *
 * @example
 * const options: EveryOptions = { anchor: "2024-01-01T09:00", timezone: "Europe/Berlin" };
 */
export interface EveryOptions extends ScheduleOptions {
  /** A moment at which it fires, `"2024-01-01T09:00"`: all other ticks are counted from it, forwards and backwards. */
  readonly anchor?: string;
}

/**
 * One run, at `start`, or when the schedule is deployed first. Its interval is empty: [start, start).
 *
 * @example
 * pipeline("migrate", { schedule: once({ start: "2024-06-01T06:00", timezone: "Europe/Berlin" }) }, build);
 */
export function once(options: OnceOptions = {}): Schedule {
  return onceSchedule(options, "once(…)", callSite(once));
}

/**
 * What `once` takes.
 *
 * @example
 * const options: OnceOptions = { start: "2024-06-01T06:00Z" };
 */
export type OnceOptions = Omit<CommonScheduleOptions, "end" | "catchUp" | "grace">;

/**
 * One run after the other: the next one begins when the last one has ended, and works on the interval from that one's end
 * until now. For micro-batches of a source that never ends.
 *
 * @example
 * pipeline("copy_events", { schedule: continuous({ gap: "10s" }) }, build);
 */
export function continuous(options: ContinuousOptions = {}): Schedule {
  return continuousSchedule(options, "continuous(…)", callSite(continuous));
}

/**
 * What `continuous` takes.
 *
 * @example
 * const options: ContinuousOptions = { gap: "30s" };
 */
export interface ContinuousOptions extends Omit<CommonScheduleOptions, "catchUp" | "grace">, FilterOptions {
  /** From the beginning of a run to that of the next, at least; 1 second when absent. */
  readonly gap?: string | number;
}

/**
 * Ticks that your own function tells, strictly after a moment that it is given. It is asked in a process of its own, one
 * tick at a time; when it throws, its schedule alone is set aside, with the error on show.
 *
 * @example
 * const moons = ["2024-01-11", "2024-02-09", "2024-03-10"].map((day) => new Date(day));
 * pipeline("tides", { schedule: timetable((after) => moons.find((moon) => moon > after)) }, build);
 */
export function timetable(nextTick: NextTick, options: ScheduleOptions = {}): Schedule {
  const at = callSite(timetable);
  const read = readScheduleOptions(options, SCHEDULE_OPTION_NAMES, { what: "timetable(…)", at });
  if (typeof nextTick !== "function") {
    throw definitionError("timetable(…) got no function.", at, "Write timetable((after) => new Date(…)).");
  }
  return schedule(read, { kind: "code" }, at, nextTick);
}

export function isSchedule(candidate: unknown): candidate is Schedule {
  return (
    typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "schedule"
  );
}

function onceSchedule(options: OnceOptions, what: string, at: SourceLocation): Schedule {
  const read = readScheduleOptions(options, ["name", "timezone", "start", "enabled", "params"], { what, at });
  return schedule(read, { kind: "once" }, at);
}

/** What was missed is made up for by one run over all of it. */
function continuousSchedule(given: unknown, what: string, at: SourceLocation): Schedule {
  checkOptionNames<ContinuousOptions>(given, [...CONTINUOUS_NAMES, "gap"], what, at);
  const { gap, ...options } = given;
  const read = readScheduleOptions({ ...options, catchUp: "coalesce" }, [...CONTINUOUS_NAMES, "catchUp"], { what, at });
  const gapMs = gap === undefined ? GAP_MS : durationOf(gap, `\`gap\` of ${what}`, at);
  return schedule(read, { kind: "continuous", gapMs }, at);
}

const CONTINUOUS_NAMES = [
  "name",
  "timezone",
  "start",
  "end",
  "enabled",
  "params",
  ...FILTER_NAMES,
] as const satisfies readonly (keyof ContinuousOptions)[];

const GAP_MS = 1_000;

function schedule(read: ReadOptions, timing: Timing, location: SourceLocation, nextTick?: NextTick): Schedule {
  const { settings, params, catchUpUnsaid } = read;
  return Object.freeze({
    batuta: "schedule",
    ...settings,
    timing,
    location,
    ...(catchUpUnsaid === undefined ? {} : { catchUpUnsaid }),
    ...(params === undefined ? {} : { params }),
    ...(nextTick === undefined ? {} : { nextTick }),
  });
}
