import type { Json } from "../core/json.ts";
import type { SourceLocation } from "../core/source-location.ts";
import { COMPARISONS, type Comparison, type EventCondition } from "../core/trigger/event-filter.ts";
import { definitionError } from "./call-site.ts";
import { describe } from "./option-values.ts";

/**
 * Which events of a name are meant, by their data: a value is equal, an object of comparisons holds, any other object
 * goes further down. A dotted name goes down at once.
 *
 * @example
 * const where: Where = { region: "eu", size: { gte: 10 }, "customer.tier": { in: ["gold", "silver"] } };
 */
export interface Where {
  readonly [path: string]: Json;
}

/** The conditions of a `where`, checked. */
export function readWhere(given: unknown, what: string, at: SourceLocation): readonly EventCondition[] {
  if (given === undefined) return [];
  if (!isObject(given)) throw wrong(`\`where\` of ${what} is ${describe(given)}.`, at);
  return conditionsIn(given, "", { what, at });
}

interface Place {
  readonly what: string;
  readonly at: SourceLocation;
}

function conditionsIn(given: object, prefix: string, place: Place): readonly EventCondition[] {
  return Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    if (!PATH.test(name)) throw wrong(`${shown(path)} in \`where\` of ${place.what} is no path.`, place.at);
    if (!isObject(value)) return [{ path, is: "eq", value: jsonOf(value, path, place) } as const];
    const names = Object.keys(value);
    const known = names.filter(isComparison);
    if (known.length === 0 && names.length > 0) return conditionsIn(value, path, place);
    const unknown = names.find((each) => !isComparison(each));
    if (unknown !== undefined || names.length === 0) throw noComparison(unknown, path, place);
    return known.map((is) => comparison(is, Reflect.get(value, is), path, place));
  });
}

const PATH = /^[^.]+(\.[^.]+)*$/;

function comparison(is: Comparison, given: unknown, path: string, place: Place): EventCondition {
  const value = jsonOf(given, path, place);
  const fits = FITS[is] ?? (() => true);
  if (fits(value)) return { path, is, value };
  const hint = `Write it like { ${path}: { ${EXAMPLES[is] ?? is} } }.`;
  throw definitionError(
    `\`${is}\` of ${shown(path)} in \`where\` of ${place.what} is ${describe(given)}.`,
    place.at,
    hint,
  );
}

function isOrdered(value: Json): boolean {
  return typeof value === "number" || typeof value === "string";
}

const FITS: { readonly [Is in Comparison]?: (value: Json) => boolean } = {
  gt: isOrdered,
  gte: isOrdered,
  lt: isOrdered,
  lte: isOrdered,
  in: (value) => Array.isArray(value) && value.length > 0,
  exists: (value) => typeof value === "boolean",
};

const EXAMPLES: { readonly [Is in Comparison]?: string } = {
  gt: "gt: 10",
  gte: "gte: 10",
  lt: "lt: 10",
  lte: "lte: 10",
  in: 'in: ["eu", "us"]',
  exists: "exists: true",
};

function noComparison(unknown: string | undefined, path: string, { what, at }: Place): Error {
  const found = unknown === undefined ? "is empty" : `has ${shown(unknown)}, which is no comparison`;
  const hint = `Comparisons are: ${COMPARISONS.join(", ")}.`;
  return definitionError(`${shown(path)} in \`where\` of ${what} ${found}.`, at, hint);
}

function jsonOf(given: unknown, path: string, { what, at }: Place): Json {
  if (isJson(given)) return given;
  throw wrong(`${shown(path)} in \`where\` of ${what} is ${describe(given)}, which is no JSON.`, at);
}

function isJson(given: unknown): given is Json {
  if (given === null || typeof given === "string" || typeof given === "boolean") return true;
  if (typeof given === "number") return Number.isFinite(given);
  if (Array.isArray(given)) return given.every(isJson);
  return isObject(given) && Object.values(given).every(isJson);
}

function isObject(given: unknown): given is object {
  return typeof given === "object" && given !== null && [Object.prototype, null].includes(Object.getPrototypeOf(given));
}

function isComparison(name: string): name is Comparison {
  return COMPARISONS.some((known) => known === name);
}

function shown(text: string): string {
  return JSON.stringify(text);
}

function wrong(message: string, at: SourceLocation): Error {
  return definitionError(message, at, 'Write it like where: { region: "eu", size: { gte: 10 } }.');
}
