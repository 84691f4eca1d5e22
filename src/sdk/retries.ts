import type { FailureView } from "../core/definition.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { JITTER_DEFAULT, type RetryDelay, type RetryPolicy } from "../core/retry-policy.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf } from "./option-values.ts";

/**
 * How often and how long apart a failed task is tried again; made by `exponential`, `fixed` and `delays`.
 *
 * @example
 * const patient: Retries = fixed({ limit: 10, delay: "5m" });
 */
export interface Retries {
  readonly batuta: "retries";
  readonly policy: RetryPolicy;
  readonly delayOf?: DelayFunction;
}

/**
 * Says how long to wait after a failure: a duration such as `"30s"`, or milliseconds.
 *
 * @example
 * const choose: DelayFunction = (failure) => (failure.exitCode === 75 ? "1h" : "10s");
 */
export type DelayFunction = (failure: FailureView) => number | string | Promise<number | string>;

/**
 * What every kind of retries takes.
 *
 * @example
 * fixed({ limit: 3, delay: "10s", jitter: 0, retryOn: { exitCodes: [75], errors: ["TimeoutError"] } });
 */
export interface RetryOptions {
  /** Share of the delay that may be added, 0 to 1, so that many failures do not come back at the same instant. */
  readonly jitter?: number;
  /** Retry these alone: exit codes of processes, class names of what was thrown. */
  readonly retryOn?: { readonly exitCodes?: readonly number[]; readonly errors?: readonly string[] };
}

/**
 * Delays that grow by a factor.
 *
 * @example
 * const options: ExponentialOptions = { limit: 4, first: "30s", factor: 2, max: "10m" };
 */
export interface ExponentialOptions extends RetryOptions {
  /** Retries after the first attempt. */
  readonly limit: number;
  /** The first delay; `"30s"` when absent. */
  readonly first?: string | number;
  /** How many times longer each delay is than the one before; 2 when absent. */
  readonly factor?: number;
  /** No delay is longer than this. */
  readonly max?: string | number;
}

/**
 * Delays that grow: first, first·factor, first·factor², … up to `max`.
 *
 * @example
 * task("fetch", { retries: exponential({ limit: 4, first: "30s", factor: 2, max: "10m" }) }, fetchOrders);
 */
export function exponential(options: ExponentialOptions): Retries {
  const at = callSite(exponential);
  checkOptionNames(options, ["limit", "first", "factor", "max", ...COMMON], "exponential(…)", at);
  const { limit, first = FIRST_DELAY, factor = FACTOR, max } = options;
  if (typeof factor !== "number" || !(factor >= 1) || factor > FACTOR_MAX) {
    throw definitionError(
      `exponential(…) has factor ${String(factor)}.`,
      at,
      `The factor is a number from 1 to ${FACTOR_MAX}.`,
    );
  }
  const firstMs = durationOf(first, "`first` of exponential(…)", at);
  const maxMs = max === undefined ? {} : { maxMs: durationOf(max, "`max` of exponential(…)", at) };
  return retries(limit, { kind: "exponential", firstMs, factor, ...maxMs }, options, at);
}

/**
 * The same delay each time.
 *
 * @example
 * task("poll", { retries: fixed({ limit: 3, delay: "10s" }) }, poll);
 */
export function fixed(options: RetryOptions & { readonly limit: number; readonly delay: string | number }): Retries {
  const at = callSite(fixed);
  checkOptionNames(options, ["limit", "delay", ...COMMON], "fixed(…)", at);
  const ms = durationOf(options.delay, "`delay` of fixed(…)", at);
  return retries(options.limit, { kind: "fixed", ms }, options, at);
}

/**
 * One delay after another, the last one repeated up to `limit`; or a function of the failure.
 *
 * @example
 * task("fetch", { retries: delays(["1s", "10s", "1m"]) }, fetchOrders);
 * task("fetch", { retries: delays((failure) => (failure.exitCode === 75 ? "1h" : "10s"), { limit: 5 }) }, fetchOrders);
 */
export function delays(
  list: readonly (string | number)[],
  options?: RetryOptions & { readonly limit?: number },
): Retries;
export function delays(choose: DelayFunction, options: RetryOptions & { readonly limit: number }): Retries;
export function delays(
  source: readonly (string | number)[] | DelayFunction,
  options: RetryOptions & { readonly limit?: number } = {},
): Retries {
  const at = callSite(delays);
  checkOptionNames(options, ["limit", ...COMMON], "delays(…)", at);
  if (typeof source === "function") {
    return { ...retries(options.limit, DEFAULT_DELAY, options, at), delayOf: source };
  }
  if (!Array.isArray(source) || source.length === 0) {
    const hint = 'Give a list such as ["1s", "10s", "1m"], or a function.';
    throw definitionError("delays(…) needs at least one delay.", at, hint);
  }
  const ms = source.map((delay, index) => durationOf(delay, `Delay ${index + 1} of delays(…)`, at));
  return retries(options.limit ?? ms.length, { kind: "list", ms }, options, at);
}

/** What `retries: 3` means: the default delays of `exponential`. */
export function retriesFrom(given: unknown, what: string, at: SourceLocation): Retries {
  if (typeof given === "number") return retries(given, DEFAULT_DELAY, {}, at);
  if (isRetries(given)) return given;
  const hint = 'Write a number, exponential({ limit: 4 }), fixed({ limit: 3, delay: "10s" }) or delays(["1s", "1m"]).';
  throw definitionError(`\`retries\` of ${what} is ${describe(given)}.`, at, hint);
}

const COMMON = ["jitter", "retryOn"] as const;
const FIRST_DELAY = "30s";
const FACTOR = 2;
const FACTOR_MAX = 1_000;
const LIMIT_MAX = 1_000;
const DEFAULT_DELAY: RetryDelay = { kind: "exponential", firstMs: 30_000, factor: FACTOR };

/** A task that says nothing of retries fails at its first failure. */
export const NO_RETRIES: Retries = {
  batuta: "retries",
  policy: { limit: 0, delay: DEFAULT_DELAY, jitter: JITTER_DEFAULT },
};

function retries(limit: unknown, delay: RetryDelay, options: RetryOptions, at: SourceLocation): Retries {
  const { jitter = JITTER_DEFAULT, retryOn } = options;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 0 || limit > LIMIT_MAX) {
    const hint = `The limit is the number of retries after the first attempt, a whole number from 0 to ${LIMIT_MAX}.`;
    throw definitionError(`The retry limit is ${describe(limit)}.`, at, hint);
  }
  if (typeof jitter !== "number" || !(jitter >= 0 && jitter <= 1)) {
    throw definitionError(
      `\`jitter\` is ${describe(jitter)}.`,
      at,
      "Jitter is the share of the delay that may be added, from 0 to 1.",
    );
  }
  const only = retryOn === undefined ? {} : { retryOn: readRetryOn(retryOn, at) };
  return { batuta: "retries", policy: { limit, delay, jitter, ...only } };
}

function readRetryOn(given: NonNullable<RetryOptions["retryOn"]>, at: SourceLocation): RetryPolicy["retryOn"] {
  checkOptionNames(given, ["exitCodes", "errors"], "`retryOn`", at);
  const { exitCodes, errors } = given;
  const wrong =
    (exitCodes !== undefined && !(Array.isArray(exitCodes) && exitCodes.every(Number.isInteger))) ||
    (errors !== undefined && !(Array.isArray(errors) && errors.every((name) => typeof name === "string")));
  if (wrong) {
    const hint = 'Write retryOn: { exitCodes: [75], errors: ["TimeoutError"] }.';
    throw definitionError("`retryOn` takes lists of exit codes and of error class names.", at, hint);
  }
  return { ...(exitCodes === undefined ? {} : { exitCodes }), ...(errors === undefined ? {} : { errors }) };
}

function isRetries(candidate: unknown): candidate is Retries {
  return typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "retries";
}
