import type { KeyedConcurrency, PoolShare, SourceLocation, TaskSpec } from "../core/manifest.ts";
import type { KeyOverflow, RateLimit } from "../core/scope.ts";
import { definitionError } from "./call-site.ts";
import { type HoursOptions, hoursOf } from "./hours-option.ts";
import {
  booleanOf,
  checkOptionNames,
  describe,
  durationOf,
  isText,
  listOf,
  nameOf,
  wholeNumberOf,
} from "./option-values.ts";
import { PAST_OF_MANY } from "./past-check.ts";

/**
 * What a task shares with others and of which there is only so much. A task that finds no room waits, holds nothing
 * meanwhile, and `batuta why` says for what.
 *
 * @example
 * const limits: LimitOptions = { pool: "warehouse", tags: ["heavy"], rateLimit: { limit: 60, per: "1m" } };
 */
export interface LimitOptions {
  /** Pools of `batuta.json` of which it takes a slot while it runs, or several. */
  readonly pool?: string | PoolRequest | readonly (string | PoolRequest)[];
  /** `tagLimits` of `batuta.json` say how many tasks that carry a tag may run at the same time. */
  readonly tags?: readonly string[];
  /** Attempts of this task that may run at the same time, over all runs; or for each value of a parameter. */
  readonly concurrency?: number | KeyedLimit;
  /** Attempts that may start within any window of a length, such as `{ limit: 60, per: "1m" }`. */
  readonly rateLimit?: { readonly limit: number; readonly per: string | number };
  /** Hours within which its attempts may start, such as `{ from: "22:00", to: "06:00" }`, or a list of them. */
  readonly runOnlyBetween?: HoursOptions | readonly HoursOptions[];
  /**
   * It starts only when it has succeeded, or was skipped, in the run before: the nearest earlier interval of the same
   * pipeline and schedule that has it. Not for maps.
   */
  readonly dependsOnPast?: boolean;
}

/**
 * Slots of a pool.
 *
 * @example
 * task("compact", { pool: { name: "warehouse", slots: 3 } }, compact);
 */
export interface PoolRequest {
  readonly name: string;
  readonly slots: number;
}

/**
 * A limit for each value of a parameter. `overflow` says what becomes of a task that finds its value taken: it waits
 * (`queue`), is skipped (`skip`), or the one that has run longest is stopped for it (`cancel_oldest`).
 *
 * @example
 * task("sync", { concurrency: { key: "params.customer", limit: 1, overflow: "skip" } }, sync);
 */
export interface KeyedLimit {
  /** Path of the parameter, `params.customer`. */
  readonly key: string;
  /** 1 when absent. */
  readonly limit?: number;
  /** `queue` when absent. */
  readonly overflow?: KeyOverflow;
}

export const LIMIT_NAMES = [
  "pool",
  "tags",
  "concurrency",
  "rateLimit",
  "runOnlyBetween",
  "dependsOnPast",
] as const satisfies readonly (keyof LimitOptions)[];

type Limits = Pick<
  TaskSpec,
  "pools" | "tags" | "concurrency" | "keyed" | "rateLimit" | "runOnlyBetween" | "dependsOnPast"
>;

export function readLimits(
  options: LimitOptions & { readonly map?: unknown },
  what: string,
  at: SourceLocation,
): Limits {
  const { pool, tags, concurrency, rateLimit, runOnlyBetween } = options;
  const option = (name: string): string => `\`${name}\` of ${what}`;
  return {
    ...(pool === undefined ? {} : { pools: poolsOf(pool, option("pool"), at) }),
    ...(tags === undefined ? {} : { tags: tagsOf(tags, option("tags"), at) }),
    ...concurrencyOf(concurrency, option("concurrency"), at),
    ...(rateLimit === undefined ? {} : { rateLimit: rateOf(rateLimit, option("rateLimit"), at) }),
    ...(runOnlyBetween === undefined ? {} : { runOnlyBetween: hoursOf(runOnlyBetween, option("runOnlyBetween"), at) }),
    ...pastOf(options, option("dependsOnPast"), at),
  };
}

function pastOf(
  { dependsOnPast = false, map }: LimitOptions & { readonly map?: unknown },
  what: string,
  at: SourceLocation,
): Pick<Limits, "dependsOnPast"> {
  if (!booleanOf(dependsOnPast, what, at)) return {};
  if (map === undefined) return { dependsOnPast: true };
  throw definitionError(`${what} cannot be true, for the task is mapped.`, at, PAST_OF_MANY);
}

function poolsOf(given: unknown, what: string, at: SourceLocation): readonly PoolShare[] {
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const pools = list.map((item) => poolOf(item, what, at)).sort((one, other) => (one.name < other.name ? -1 : 1));
  const double = pools.find(({ name }, index) => pools[index - 1]?.name === name);
  if (double === undefined) return pools;
  const hint = `Say how many slots in one place: { name: "${double.name}", slots: 2 }.`;
  throw definitionError(`${what} names "${double.name}" twice.`, at, hint);
}

function poolOf(given: unknown, what: string, at: SourceLocation): PoolShare {
  if (typeof given === "string") return { name: nameOf(given, what, at), slots: 1 };
  checkOptionNames<PoolRequest>(given, ["name", "slots"], what, at);
  const { name, slots } = given;
  return {
    name: nameOf(name, `\`name\` in ${what}`, at),
    slots: wholeNumberOf(slots, `\`slots\` in ${what}`, at, { min: 1 }),
  };
}

function tagsOf(given: unknown, what: string, at: SourceLocation): readonly string[] {
  return [...new Set(listOf(given, isText, { what, at, hint: 'Write a list of words: tags: ["heavy"].' }))].sort();
}

function concurrencyOf(given: unknown, what: string, at: SourceLocation): Pick<Limits, "concurrency" | "keyed"> {
  if (given === undefined) return {};
  if (typeof given !== "object" || given === null) return { concurrency: wholeNumberOf(given, what, at, { min: 1 }) };
  checkOptionNames<KeyedLimit>(given, ["key", "limit", "overflow"], what, at);
  const { key, limit = 1, overflow = "queue" } = given;
  return {
    keyed: {
      key: keyOf(key, what, at),
      limit: wholeNumberOf(limit, `\`limit\` in ${what}`, at, { min: 1 }),
      overflow: overflowOf(overflow, what, at),
    },
  };
}

function keyOf(given: unknown, what: string, at: SourceLocation): KeyedConcurrency["key"] {
  if (typeof given === "string" && /^params(\.[A-Za-z_]\w*)+$/.test(given)) return given;
  const hint =
    'Name a parameter, whose value decides: key: "params.customer". A function would be code where data is enough.';
  throw definitionError(`\`key\` in ${what} is ${describe(given)}.`, at, hint);
}

function overflowOf(given: unknown, what: string, at: SourceLocation): KeyOverflow {
  const overflow = OVERFLOWS.find((known) => known === given);
  if (overflow !== undefined) return overflow;
  throw definitionError(`\`overflow\` in ${what} is ${describe(given)}.`, at, `Write one of: ${OVERFLOWS.join(", ")}.`);
}

const OVERFLOWS: readonly KeyOverflow[] = ["queue", "skip", "cancel_oldest"];

function rateOf(given: unknown, what: string, at: SourceLocation): RateLimit {
  checkOptionNames<{ readonly limit: unknown; readonly per: unknown }>(given, ["limit", "per"], what, at);
  const { limit, per } = given;
  return {
    limit: wholeNumberOf(limit, `\`limit\` in ${what}`, at, { min: 1 }),
    perMs: durationOf(per, `\`per\` in ${what}`, at, { min: 1, max: RATE_WINDOW_MS_MAX }),
  };
}

/** Starts are kept for so long. */
const RATE_WINDOW_MS_MAX = 31 * 24 * 60 * 60 * 1000;
