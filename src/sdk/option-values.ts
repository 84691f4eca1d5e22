import { parseBytes } from "../core/bytes.ts";
import { closestName } from "../core/closest-name.ts";
import { formatDuration, parseDuration } from "../core/duration.ts";
import type { SourceLocation } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { definitionError } from "./call-site.ts";

/** Readers of option values: the compiler has judged TypeScript callers already, but JavaScript ones nobody has. */

/** Refuses what is no object of options, and names the known option that an unknown one probably means. */
export function checkOptionNames<T extends object>(
  given: unknown,
  known: readonly (keyof T & string)[],
  what: string,
  at: SourceLocation,
): asserts given is T {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    const hint = `Write an object: { ${known[0]}: … }.`;
    throw definitionError(`The options of ${what} are ${describe(given)}.`, at, hint);
  }
  const names: readonly string[] = known;
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const meant = closestName(name, names);
    const hint = meant === undefined ? `Known options: ${known.join(", ")}.` : `Did you mean \`${meant}\`?`;
    throw definitionError(`Unknown option \`${name}\` of ${what}.`, at, hint);
  }
}

export function textOf(given: unknown, what: string, at: SourceLocation): string {
  if (typeof given === "string") return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, "Write a text in quotes.");
}

export function booleanOf(given: unknown, what: string, at: SourceLocation): boolean {
  if (typeof given === "boolean") return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, "Write true or false.");
}

/** A length of time in milliseconds, from `"30s"` or a number of milliseconds. */
export function durationOf(given: unknown, what: string, at: SourceLocation, range: NumberRange = {}): number {
  const ms = locatedAt(at, () => parseDuration(textOrNumber(given), what));
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = range;
  if (ms >= min && ms <= max) return ms;
  const most = max === Number.MAX_SAFE_INTEGER ? "up" : `to ${formatDuration(max)}`;
  throw definitionError(`${what} is ${describe(given)}.`, at, `It may be from ${formatDuration(min)} ${most}.`);
}

/** A size in bytes, from `"512 MiB"` or a number of bytes. */
export function bytesOf(given: unknown, what: string, at: SourceLocation): number {
  const bytes = locatedAt(at, () => parseBytes(textOrNumber(given), what));
  if (bytes > 0) return bytes;
  throw definitionError(`${what} is ${describe(given)}.`, at, 'Write it like "512 MiB".');
}

/** The name of a queue, a connection or an input. */
export function nameOf(given: unknown, what: string, at: SourceLocation): string {
  if (typeof given === "string" && NAME.test(given)) return given;
  const hint = "Use letters, digits, _ and -, beginning with a letter, at most 64 of them.";
  throw definitionError(`${what} is ${describe(given)}.`, at, hint);
}

const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** A problem without a place, found while user input is read, is shown at the user's call. */
export function locatedAt<T>(at: SourceLocation, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BatutaError) || error.location !== undefined) throw error;
    const { code, message, hint, codeFrame } = error;
    throw new BatutaError(code, message, {
      location: at,
      ...(hint === undefined ? {} : { hint }),
      ...(codeFrame === undefined ? {} : { codeFrame }),
    });
  }
}

function textOrNumber(given: unknown): string | number {
  return typeof given === "number" ? given : typeof given === "string" ? given : describe(given);
}

export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
}

export function wholeNumberOf(given: unknown, what: string, at: SourceLocation, range: NumberRange = {}): number {
  const { min = -PRIORITY_MAX, max = PRIORITY_MAX } = range;
  if (typeof given === "number" && Number.isInteger(given) && given >= min && given <= max) return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, `Write a whole number from ${min} to ${max}.`);
}

/** Fits a 32-bit integer, in which the store keeps priorities and limits. */
const PRIORITY_MAX = 1_000_000;

export function listOf<T>(
  given: unknown,
  isItem: (item: unknown) => item is T,
  { what, at, hint }: { readonly what: string; readonly at: SourceLocation; readonly hint: string },
): readonly T[] {
  if (Array.isArray(given) && given.every(isItem)) return given;
  throw definitionError(`${what} is ${describe(given)}.`, at, hint);
}

export function isText(item: unknown): item is string {
  return typeof item === "string" && item !== "";
}

/** A value as an error message shows it, cut to a readable length. */
export function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value === "function") return "a function";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (Array.isArray(value)) return "a list with something else in it";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
