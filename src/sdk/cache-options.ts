import type { TaskFunctions } from "../core/definition.ts";
import type { Json } from "../core/json.ts";
import { type CacheSpec, cachePathProblem } from "../core/result-cache.ts";
import type { SourceLocation } from "../core/source-location.ts";
import { definitionError } from "./call-site.ts";
import { checkOptionNames, describe, durationOf, isText } from "./option-values.ts";

/**
 * How results of a task are kept and taken again. A result is taken when code, task and key are the same; the key is
 * all inputs and parameters, unless `key` names what matters. Whoever depends on the day says so: `key: ["ds"]`.
 *
 * @example
 * task("rates", { cache: { ttl: "7d", key: ["params.currency", "ds"] } }, fetchRates);
 */
export interface CacheOptions<Context> {
  /** How long a result is good for, such as `"7d"`; as long as its key is the same when absent. */
  readonly ttl?: string | number;
  /** Paths such as `"params.region"`, `"input.rows"` and `"ds"`, or a function of the context. */
  readonly key?: readonly string[] | ((context: Context) => Json | Promise<Json>);
}

interface ReadCache {
  readonly spec: CacheSpec;
  readonly cacheKey?: NonNullable<TaskFunctions["cacheKey"]>;
}

/** `inputs` are the names of the task's inputs. Undefined when there is no cache. */
export function readCache(
  given: unknown,
  inputs: readonly string[],
  what: string,
  at: SourceLocation,
): ReadCache | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return { spec: { key: "inputs" } };
  checkOptionNames<{ readonly ttl?: unknown; readonly key?: unknown }>(
    given,
    ["ttl", "key"],
    `\`cache\` of ${what}`,
    at,
  );
  const { ttl, key } = given;
  const lasting =
    ttl === undefined ? {} : { ttlMs: durationOf(ttl, `\`ttl\` of the cache of ${what}`, at, { min: 1 }) };
  if (key === undefined) return { spec: { ...lasting, key: "inputs" } };
  if (isKeyFunction(key)) return { spec: { ...lasting, key: "function" }, cacheKey: key };
  return { spec: { ...lasting, key: pathsOf(key, inputs, what, at) } };
}

function pathsOf(given: unknown, inputs: readonly string[], what: string, at: SourceLocation): readonly string[] {
  if (!Array.isArray(given) || given.length === 0 || !given.every(isText)) {
    const hint = 'Write key: ["params.region", "input.rows"], or a function of the context.';
    throw definitionError(`\`key\` of the cache of ${what} is ${describe(given)}.`, at, hint);
  }
  for (const path of given) {
    const problem = cachePathProblem(path, inputs);
    if (problem === undefined) continue;
    throw definitionError(
      `"${path}" in the key of the cache of ${what} ${problem}.`,
      at,
      "Name what the result depends on.",
    );
  }
  return [...given];
}

function isKeyFunction(given: unknown): given is NonNullable<TaskFunctions["cacheKey"]> {
  return typeof given === "function";
}
