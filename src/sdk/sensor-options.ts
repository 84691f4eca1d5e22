import type { PollEvery, SensorSpec, SourceLocation } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf, wholeNumberOf } from "./option-values.ts";

/**
 * How patiently a sensor waits, and how often it looks.
 *
 * @example
 * task("orders", file("in/{{ ds }}/*.csv", { timeout: "6h", onTimeout: "skip", pollEvery: "30s" }));
 */
export interface SensorOptions {
  /**
   * Time between two looks, such as `"30s"`; or a first time that grows by a factor up to the longest. From 5 s to a
   * minute when absent.
   */
  readonly pollEvery?: string | number | GrowingWait;
  /** Time from the first look to the end of the wait, which nothing moves; a week when absent. */
  readonly timeout?: string | number;
  /** What becomes of it then: `fail`, the default, or `skip`. */
  readonly onTimeout?: "fail" | "skip";
  /** A look that takes longer counts as one that went wrong: `"30s"`, or `"5s"` for functions of yours. */
  readonly pollTimeout?: string | number;
  /** So many looks in a row that go wrong fail the task; 10 when absent. */
  readonly errorsMax?: number;
}

/**
 * A wait between looks that grows.
 *
 * @example
 * httpOk({ url }, { pollEvery: { first: "1s", factor: 2, max: "5m" } });
 */
export interface GrowingWait {
  readonly first: string | number;
  /** 2 when absent. */
  readonly factor?: number;
  readonly max: string | number;
}

type Patience = Pick<SensorSpec, "pollEvery" | "timeoutMs" | "onTimeout" | "pollTimeoutMs" | "errorsMax">;

const OPTION_NAMES = ["pollEvery", "timeout", "onTimeout", "pollTimeout", "errorsMax"] as const;

const POLL_EVERY: PollEvery = { firstMs: 5_000, factor: 1.5, maxMs: 60_000 };
const POLL_EVERY_MS_MIN = 100;
const TIMEOUT = "7d";
const ERRORS_MAX = 10;
const FACTOR = 2;

export function readSensorOptions(
  given: unknown,
  { what, at, pollTimeout }: { readonly what: string; readonly at: SourceLocation; readonly pollTimeout: string },
): Patience {
  checkOptionNames<SensorOptions>(given, OPTION_NAMES, what, at);
  const { onTimeout = "fail" } = given;
  if (onTimeout !== "fail" && onTimeout !== "skip") {
    throw definitionError(`\`onTimeout\` of ${what} is ${describe(onTimeout)}.`, at, 'Write "fail" or "skip".');
  }
  return {
    pollEvery: given.pollEvery === undefined ? POLL_EVERY : pollEveryOf(given.pollEvery, what, at),
    timeoutMs: durationOf(given.timeout ?? TIMEOUT, `\`timeout\` of ${what}`, at, { min: 1 }),
    onTimeout,
    pollTimeoutMs: durationOf(given.pollTimeout ?? pollTimeout, `\`pollTimeout\` of ${what}`, at, { min: 1 }),
    errorsMax: wholeNumberOf(given.errorsMax ?? ERRORS_MAX, `\`errorsMax\` of ${what}`, at, { min: 1 }),
  };
}

function pollEveryOf(given: unknown, what: string, at: SourceLocation): PollEvery {
  const name = `\`pollEvery\` of ${what}`;
  const range = { min: POLL_EVERY_MS_MIN };
  if (typeof given !== "object" || given === null) {
    const ms = durationOf(given, name, at, range);
    return { firstMs: ms, factor: 1, maxMs: ms };
  }
  checkOptionNames<GrowingWait>(given, ["first", "factor", "max"], name, at);
  const { first, factor = FACTOR, max } = given;
  if (typeof factor !== "number" || !Number.isFinite(factor) || factor < 1) {
    throw definitionError(`\`factor\` of ${name} is ${describe(factor)}.`, at, "Write a number from 1 on.");
  }
  const firstMs = durationOf(first, `\`first\` of ${name}`, at, range);
  return { firstMs, factor, maxMs: durationOf(max, `\`max\` of ${name}`, at, { min: firstMs }) };
}
