import type { PipelineSpec, SourceLocation } from "../core/manifest.ts";
import { type DeadlineOption, readDeadlines } from "./deadline-options.ts";
import { type HoursOptions, hoursOf } from "./hours-option.ts";
import { booleanOf, durationOf, wholeNumberOf } from "./option-values.ts";

/**
 * What a pipeline says of how many of its runs there may be, when they end early, and what follows from runs that fail.
 *
 * @example
 * const limits: RunLimitOptions = { failFast: true, runTimeout: "6h", pauseAfterFailures: 3 };
 */
export interface RunLimitOptions {
  /** The first final failure ends the run: what has not started is cancelled, what runs is stopped. */
  readonly failFast?: boolean;
  /** How long a run may take from its start, such as `"6h"`; then it is stopped and fails. */
  readonly runTimeout?: string | number;
  /** By when a run must have ended, such as `"2h"` from its creation, or `by("08:00")`: told once when it is late. */
  readonly deadline?: DeadlineOption | readonly DeadlineOption[];
  /** How long what cleans up may take once a run was stopped; `"10m"` when absent. */
  readonly cleanupTimeout?: string | number;
  /** After so many failed runs in a row the pipeline is paused. */
  readonly pauseAfterFailures?: number;
  /** Runs that may be under way at the same time; 16 when absent. The others wait, the oldest goes first. */
  readonly maxRuns?: number;
  /** Attempts of its tasks that may run at the same time, over all runs. */
  readonly concurrency?: number;
  /** Attempts of its tasks that may run at the same time within each run. */
  readonly runConcurrency?: number;
  /** Hours within which attempts of its tasks may start, such as `{ from: "22:00", to: "06:00" }`, or a list of them. */
  readonly runOnlyBetween?: HoursOptions | readonly HoursOptions[];
}

export const RUN_LIMIT_NAMES = [
  "failFast",
  "runTimeout",
  "deadline",
  "cleanupTimeout",
  "pauseAfterFailures",
  "maxRuns",
  "concurrency",
  "runConcurrency",
  "runOnlyBetween",
] as const satisfies readonly (keyof RunLimitOptions)[];

type RunLimits = Pick<
  PipelineSpec,
  | ("failFast" | "runTimeoutMs" | "cleanupTimeoutMs" | "pauseAfterFailures" | "deadlines")
  | ("maxRuns" | "concurrency" | "runConcurrency" | "runOnlyBetween")
>;

const TIMEOUT_MS_MAX = 365 * 24 * 60 * 60 * 1000;

export function readRunLimits(options: RunLimitOptions, what: string, at: SourceLocation): RunLimits {
  const { failFast, runTimeout, cleanupTimeout, pauseAfterFailures, runOnlyBetween } = options;
  const option = (name: string): string => `\`${name}\` of ${what}`;
  const count = (name: "maxRuns" | "concurrency" | "runConcurrency") => {
    const given = options[name];
    return given === undefined ? {} : { [name]: wholeNumberOf(given, option(name), at, { min: 1 }) };
  };
  const range = { min: 1, max: TIMEOUT_MS_MAX };
  return {
    ...(failFast !== undefined && booleanOf(failFast, option("failFast"), at) ? { failFast: true } : {}),
    ...(runTimeout === undefined ? {} : { runTimeoutMs: durationOf(runTimeout, option("runTimeout"), at, range) }),
    ...(cleanupTimeout === undefined
      ? {}
      : { cleanupTimeoutMs: durationOf(cleanupTimeout, option("cleanupTimeout"), at, range) }),
    ...(pauseAfterFailures === undefined
      ? {}
      : { pauseAfterFailures: wholeNumberOf(pauseAfterFailures, option("pauseAfterFailures"), at, { min: 1 }) }),
    ...readDeadlines(options.deadline, what, at),
    ...(runOnlyBetween === undefined ? {} : { runOnlyBetween: hoursOf(runOnlyBetween, option("runOnlyBetween"), at) }),
    ...count("maxRuns"),
    ...count("concurrency"),
    ...count("runConcurrency"),
  };
}
