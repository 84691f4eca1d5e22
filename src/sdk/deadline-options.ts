import {
  type ClockDeadline,
  type DeadlineSpec,
  type NextDeadline,
  USUAL_RUNS_MIN,
  type UsualDeadline,
} from "../core/deadline/deadline-spec.ts";
import type { PipelineSpec, SourceLocation } from "../core/manifest.ts";
import { ticksOf } from "../core/schedule/ticks-of.ts";
import { timeZone } from "../core/time-zone.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf, locatedAt, textOf, wholeNumberOf } from "./option-values.ts";

/**
 * By when a task or a run must have ended: within a time such as `"2h"` (a run from its creation, a task from the start
 * of its run), or what `by`, `beforeNext` and `slowerThan` say. Nothing is stopped when it is late: it is told once.
 *
 * @example
 * const deadline: DeadlineOption = by("08:00", { timezone: "Europe/Berlin" });
 */
export type DeadlineOption = string | number | Deadline;

/**
 * What `by`, `beforeNext` and `slowerThan` return.
 *
 * @example
 * const deadlines: Deadline[] = [by("08:00"), slowerThan({ factor: 2 })];
 */
export type Deadline = (ClockDeadline | NextDeadline | UsualDeadline) & { readonly batuta: "deadline" };

/**
 * A time of day, on the day on which the run's interval ends; with `day: 1` on the next one. Read in `timezone`, or in
 * that of the pipeline.
 *
 * @example
 * pipeline("daily_sales", { schedule: cron("0 6 * * *"), deadline: by("08:00", { timezone: "Europe/Berlin" }) }, build);
 */
export function by(time: string, options: { readonly timezone?: string; readonly day?: number } = {}): Deadline {
  const at = callSite(by);
  checkOptionNames(options, ["timezone", "day"], "by(…)", at);
  const { timezone, day = 0 } = options;
  if (timezone !== undefined) {
    const name = textOf(timezone, "`timezone` of by(…)", at);
    locatedAt(at, () => timeZone(name));
  }
  const zone = timezone === undefined ? {} : { timezone };
  return frozen({
    kind: "by",
    minute: minuteOf(time, at),
    ...zone,
    day: wholeNumberOf(day, "`day` of by(…)", at, DAYS),
  });
}

/**
 * Before the next tick of the schedule whose interval the run works on.
 *
 * @example
 * pipeline("hourly_sales", { schedule: cron("0 * * * *"), deadline: beforeNext() }, build);
 */
export function beforeNext(): Deadline {
  return frozen({ kind: "before_next" });
}

/**
 * Slower than usual: longer than `factor` times what 95 of 100 of the last `of` successful runs took; from the start of
 * the run, or of the task. Nothing is late as long as fewer than five are known.
 *
 * @example
 * task("load", { deadline: slowerThan({ factor: 1.5, of: 30 }) }, load);
 */
export function slowerThan(options: { readonly factor?: number; readonly of?: number } = {}): Deadline {
  const at = callSite(slowerThan);
  checkOptionNames(options, ["factor", "of"], "slowerThan(…)", at);
  const { factor = 1.5, of = 30 } = options;
  if (typeof factor !== "number" || !(factor >= 1) || factor > FACTOR_MAX) {
    const hint = `Write a number from 1 to ${FACTOR_MAX}, such as 1.5.`;
    throw definitionError(`\`factor\` of slowerThan(…) is ${describe(factor)}.`, at, hint);
  }
  return frozen({ kind: "slower_than", factor, of: wholeNumberOf(of, "`of` of slowerThan(…)", at, RUNS) });
}

/** One deadline, or a list of them. */
export function readDeadlines(
  given: unknown,
  what: string,
  at: SourceLocation,
): { readonly deadlines?: readonly DeadlineSpec[] } {
  if (given === undefined) return {};
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return { deadlines: list.map((one) => readDeadline(one, `\`deadline\` of ${what}`, at)) };
}

/** Refuses a deadline that never comes: before the next interval, where no schedule says when that is. */
export function checkDeadlines(
  { tasks, deadlines = [], schedules = [] }: Pick<PipelineSpec, "tasks" | "deadlines" | "schedules">,
  pipeline: string,
  at: SourceLocation,
): void {
  const hasNext = schedules.some((schedule) => ticksOf(schedule).after(0) !== undefined);
  if (hasNext) return;
  const late = tasks.find((task) => hasNextDeadline(task.deadlines));
  if (late === undefined && !hasNextDeadline(deadlines)) return;
  const what = late === undefined ? `pipeline "${pipeline}"` : `task "${late.name}"`;
  throw definitionError(
    `\`deadline\` of ${what} is beforeNext(), but no schedule of the pipeline has ticks.`,
    late?.location ?? at,
    'Give it a schedule such as cron("0 6 * * *"), or say how long it may take: deadline: "2h".',
  );
}

function hasNextDeadline(deadlines: readonly DeadlineSpec[] = []): boolean {
  return deadlines.some(({ kind }) => kind === "before_next");
}

function readDeadline(given: unknown, what: string, at: SourceLocation): DeadlineSpec {
  if (isDeadline(given)) {
    const { batuta: _, ...spec } = given;
    return spec;
  }
  if (typeof given === "string" || typeof given === "number") {
    return { kind: "within", ms: durationOf(given, what, at, { min: 1, max: WITHIN_MS_MAX }) };
  }
  const hint =
    'Write a time such as "2h", or by("08:00"), beforeNext(), slowerThan({ factor: 1.5 }), or a list of them.';
  throw definitionError(`${what} is ${describe(given)}.`, at, hint);
}

export function isDeadline(given: unknown): given is Deadline {
  return typeof given === "object" && given !== null && "batuta" in given && given.batuta === "deadline";
}

function minuteOf(given: unknown, at: SourceLocation): number {
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(String(given)) ?? [];
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (hours < 24 && minutes < 60) return hours * 60 + minutes;
  throw definitionError(`The time of by(…) is ${describe(given)}.`, at, 'Write hours and minutes: by("08:00").');
}

function frozen<Spec extends object>(spec: Spec): Spec & { readonly batuta: "deadline" } {
  return Object.freeze({ batuta: "deadline", ...spec });
}

const WITHIN_MS_MAX = 365 * 24 * 60 * 60 * 1000;
const DAYS = { min: 0, max: 31 };
const RUNS = { min: USUAL_RUNS_MIN, max: 100 };
const FACTOR_MAX = 100;
