import { backfillRange, countIntervals } from "../core/backfill/backfill-range.ts";
import { REPROCESS, type Reprocess } from "../core/backfill/decide-interval.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { parseDuration } from "../core/duration.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { IntervalOrder, ScheduleCalendar } from "../core/schedule/intervals-between.ts";
import { BOUND_FORMS, parseBound } from "../core/schedule/parse-bound.ts";
import { ScheduleBounds } from "../core/schedule/schedule-bounds.ts";
import type { ScheduleBound, ScheduleSpec, Timing } from "../core/schedule/schedule-spec.ts";
import { timingText } from "../core/schedule/timing-text.ts";
import { timeZone } from "../core/time-zone.ts";
import { sha256Hex } from "../ports/digest.ts";
import type { NewBackfill } from "../store/backfill-records.ts";
import { actorOf } from "./actor.ts";
import type { Cli } from "./cli.ts";
import { didYouMean } from "./did-you-mean.ts";
import { boundText, leftOutEnds } from "./left-out-ends.ts";
import { wholeNumber } from "./option-values.ts";

/** What is said on the command line. */
export interface BackfillOptions {
  readonly from?: string;
  readonly to?: string;
  readonly schedule?: string;
  readonly every?: string;
  readonly reprocess?: string;
  readonly maxActive?: string;
  readonly newestFirst?: boolean;
  readonly singleRun?: boolean;
  readonly maxIntervals?: string;
}

/** Runs at the same time unless something else is said. */
const MAX_ACTIVE = 8;
const MAX_ACTIVE_MAX = 1_000;
/** More is rather a slip of the pen, such as a year too many on a schedule of every minute. */
const INTERVALS = 100_000;
const INTERVALS_MAX = 10_000_000;
const DAY_MS = 86_400_000;

export interface Wanted {
  readonly project: string;
  readonly versionHash: string;
  readonly pipeline: PipelineSpec;
  /** Validated and completed by the pipeline's own schema. */
  readonly params: Json;
}

/** A backfill as it is asked for; throws `usage`, `invalid_date` or `not_found` when it cannot be. */
export function backfillRequest(cli: Cli, options: BackfillOptions, wanted: Wanted): NewBackfill {
  const { project, versionHash, pipeline, params } = wanted;
  const { name, calendar } = stepsOf(pipeline, options);
  const from = boundOf("--from", options.from, calendar);
  const to = boundOf("--to", options.to, calendar);
  if (isReversed(from, to, calendar)) throw reversed(options);
  const range = backfillRange(calendar, { from, to, now: cli.clock.wall() });
  if (range === undefined) throw nothingBetween(calendar, options);
  for (const sentence of leftOutEnds(calendar, { from, to }, range)) cli.warn(sentence);
  const { timing, timezone, filter } = calendar;
  const isSingleRun = options.singleRun ?? pipeline.backfill?.singleRun ?? false;
  const order = orderOf(cli, pipeline, options);
  const reprocess = reprocessOf(options);
  const said = { from: options.from ?? "", to: options.to ?? "", reprocess, order, isSingleRun, params };
  const identity = { project, pipeline: pipeline.name, schedule: name ?? null, every: options.every ?? null, ...said };
  return {
    ...{ project, pipeline: pipeline.name, versionHash, range, actor: actorOf(cli) },
    ...(name === undefined ? {} : { schedule: name }),
    request: { timing, timezone, ...(filter === undefined ? {} : { filter }), ...said },
    requestKey: sha256Hex(canonicalJson(identity)),
    intervals: isSingleRun ? 1 : countOf(calendar, range, options),
    maxActive: wholeNumber("--max-active", options.maxActive ?? String(pipeline.backfill?.maxActive ?? MAX_ACTIVE), {
      min: 1,
      max: MAX_ACTIVE_MAX,
    }),
  };
}

/** The schedule that is meant, also where a pipeline has none and its steps are given. */
export function scheduleOf(pipeline: PipelineSpec, { schedule }: BackfillOptions): ScheduleSpec | undefined {
  const { schedules = [] } = pipeline;
  const names = schedules.map(({ name }) => name);
  const found = schedule === undefined ? schedules[0] : schedules.find(({ name }) => name === schedule);
  if (schedule !== undefined && found === undefined) {
    const known = names.length === 0 ? "It has none: give the steps with --every 1d." : `It has: ${names.join(", ")}.`;
    throw new BatutaError("not_found", `${pipeline.name} has no schedule "${schedule}".`, {
      hint: `${didYouMean(schedule, names)}${known}`,
    });
  }
  if (schedule === undefined && names.length > 1) {
    throw new BatutaError("usage", `${pipeline.name} has several schedules: ${names.join(", ")}.`, {
      hint: `Name the one to fill: --schedule ${names[0]}.`,
    });
  }
  return found;
}

function stepsOf(pipeline: PipelineSpec, options: BackfillOptions): { name?: string; calendar: ScheduleCalendar } {
  const schedule = scheduleOf(pipeline, options);
  const hasSteps = schedule !== undefined && !STEPLESS.includes(schedule.timing.kind);
  const name = schedule === undefined ? {} : { name: schedule.name };
  if (options.every === undefined) {
    if (hasSteps) return { ...name, calendar: schedule };
    const why = schedule === undefined ? "has no schedule" : `runs ${timingText(schedule.timing)}`;
    throw new BatutaError("usage", `${pipeline.name} ${why}, so the range has no steps of its own.`, {
      hint: "Say how long an interval is: --every 1d, --every 1h.",
    });
  }
  if (hasSteps) {
    throw new BatutaError("usage", `${pipeline.name} has the schedule ${timingText(schedule.timing)}.`, {
      hint: "Leave --every out: the intervals are those of the schedule.",
    });
  }
  const timezone = schedule?.timezone ?? pipeline.timezone;
  return { ...name, calendar: { timezone, timing: everyOf(options.every) } };
}

/** What has happened decides about their intervals, or a function of the user's. */
const STEPLESS: readonly string[] = ["once", "continuous", "code"] satisfies readonly Timing["kind"][];

/** A day is one of the calendar, whatever the clocks do in it. */
function everyOf(text: string): ScheduleCalendar["timing"] {
  const ms = parseDuration(text, "--every");
  if (ms > 0 && ms % DAY_MS === 0) return { kind: "every_days", days: ms / DAY_MS };
  if (ms >= 1_000) return { kind: "every", ms };
  throw new BatutaError("usage", `--every ${text} is too short.`, { hint: "Write it like --every 1h." });
}

function boundOf(option: string, text: string | undefined, { timezone }: ScheduleCalendar): ScheduleBound {
  if (text === undefined) throw new BatutaError("usage", `${option} is missing.`, { hint: EXAMPLE });
  const bound = parseBound(text, timeZone(timezone));
  if (bound !== undefined) return bound;
  const what = /^\d{4}-\d\d-\d\d(T|$)/.test(text)
    ? "is no day or time of the calendar"
    : "is neither a date nor a moment";
  throw new BatutaError("invalid_date", `${option} ${JSON.stringify(text)} ${what}.`, {
    hint: `Write ${BOUND_FORMS}.`,
  });
}

const EXAMPLE = "batuta backfill daily_sales --from 2024-01-01 --to 2024-03-31";

function isReversed(from: ScheduleBound, to: ScheduleBound, { timezone }: ScheduleCalendar): boolean {
  const { start = 0, end = start } = new ScheduleBounds({ start: from, end: to }, timeZone(timezone));
  return start > end || (start === end && to.kind === "date");
}

function reversed({ from, to }: BackfillOptions): BatutaError {
  return new BatutaError("invalid_date", `--from ${from} is after --to ${to}.`, {
    hint: `The first interval comes first, whatever the order of the runs: --from ${to} --to ${from}.`,
  });
}

function nothingBetween(calendar: ScheduleCalendar, { from, to }: BackfillOptions): BatutaError {
  const { timing, timezone, start, end } = calendar;
  const holds = [
    ...(start === undefined ? [] : [` The schedule starts at ${boundText(start)}.`]),
    ...(end === undefined ? [] : [` The schedule ends at ${boundText(end)}.`]),
  ].join("");
  return new BatutaError(
    "invalid_date",
    `No complete interval of ${timingText(timing)} (${timezone}) lies between ${from} and ${to}.`,
    { hint: `Both ends are inclusive, and an interval that has not ended yet does not count.${holds}` },
  );
}

function countOf(calendar: ScheduleCalendar, range: NewBackfill["range"], { maxIntervals }: BackfillOptions): number {
  const max = wholeNumber("--max-intervals", maxIntervals ?? String(INTERVALS), { min: 1, max: INTERVALS_MAX });
  const count = countIntervals(calendar, range, max);
  if (count !== undefined) return count;
  throw new BatutaError("usage", `The range has more than ${max.toLocaleString("en")} intervals.`, {
    hint: "Give a shorter one, or raise the limit with --max-intervals.",
  });
}

function reprocessOf({ reprocess = "missing" }: BackfillOptions): Reprocess {
  const found = REPROCESS.find((known) => known === reprocess);
  if (found !== undefined) return found;
  throw new BatutaError("usage", `--reprocess ${reprocess} is nothing that is known.`, {
    hint: `${didYouMean(reprocess, REPROCESS)}It is one of: ${REPROCESS.join(", ")}.`,
  });
}

/** Where a task waits for itself in the run before, that one has to be made first (BF-4). */
function orderOf(cli: Cli, { name, tasks }: PipelineSpec, { newestFirst }: BackfillOptions): IntervalOrder {
  if (newestFirst !== true) return "oldest_first";
  const waiting = tasks.find(({ dependsOnPast }) => dependsOnPast === true);
  if (waiting === undefined) return "newest_first";
  cli.warn(
    `${name} goes oldest first all the same: its task ${waiting.name} depends on the run before (dependsOnPast).`,
  );
  return "oldest_first";
}
