import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import type { Failure, FailureReason } from "../../core/failure.ts";
import type { SourceLocation } from "../../core/manifest.ts";

const MESSAGE_CHARACTERS_MAX = 8 * 1024;
const STACK_CHARACTERS_MAX = 32 * 1024;
const CAUSES_MAX = 5;

/** What user code threw, as it is recorded: places are given in the project's own files. */
export function thrownFailure(thrown: unknown, rootDir: string): Failure {
  if (!(thrown instanceof Error)) return thrownValue(thrown);
  const stack = stackWithCauses(thrown, rootDir);
  const location = firstPlace(stack);
  const hint = "hint" in thrown && typeof thrown.hint === "string" ? thrown.hint : undefined;
  return {
    reason: reasonOf(thrown),
    message: cut(textOf(thrown.message) || `${nameOf(thrown)} without a message`, MESSAGE_CHARACTERS_MAX),
    errorName: nameOf(thrown),
    stack: cut(stack, STACK_CHARACTERS_MAX),
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/** What `skip()` and `fatal()` throw says so itself, whatever copy of the package threw it. */
export function signalOf(thrown: unknown): "skip" | "fatal" | undefined {
  const mark = fieldOf(thrown, "batuta");
  return mark === "skip" || mark === "fatal" ? mark : undefined;
}

/** From an error that carries an HTTP `Retry-After`. */
export function retryAfterMsOf(thrown: unknown): number | undefined {
  const ms = fieldOf(thrown, "retryAfterMs");
  return typeof ms === "number" && Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function fieldOf(thrown: unknown, name: string): unknown {
  return typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, name) : undefined;
}

/** Two of Batuta's own errors mean what another attempt cannot mend. */
function reasonOf(error: Error): FailureReason {
  if (signalOf(error) === "fatal") return "fatal";
  const code = fieldOf(error, "code");
  if (error.name !== "BatutaError") return "error";
  if (code === "invalid_output") return "invalid_output";
  return code === "invalid_template" ? "cannot_start" : "error";
}

function thrownValue(thrown: unknown): Failure {
  const message = typeof thrown === "string" ? thrown : inspect(thrown, { depth: 3, breakLength: Infinity });
  return {
    reason: "error",
    message: cut(message || "Something empty was thrown", MESSAGE_CHARACTERS_MAX),
    hint: "Throw an Error in its place: it remembers where it was made.",
  };
}

/** `class HttpError extends Error` has the name `Error` unless its author gave it another. */
function nameOf(error: Error): string {
  const name = textOf(error.name);
  return name === "Error" || name === "" ? error.constructor?.name || "Error" : name;
}

function stackWithCauses(error: Error, rootDir: string): string {
  const parts = [stackOf(error, rootDir)];
  let cause = error.cause;
  while (cause !== undefined && parts.length <= CAUSES_MAX) {
    parts.push(`Caused by: ${cause instanceof Error ? stackOf(cause, rootDir) : inspect(cause, { depth: 1 })}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  if (error instanceof AggregateError) {
    for (const one of error.errors.slice(0, CAUSES_MAX)) {
      parts.push(`One of its errors: ${one instanceof Error ? stackOf(one, rootDir) : inspect(one, { depth: 1 })}`);
    }
  }
  return parts.join("\n");
}

/** Without the frames of Batuta and Node below the user's own, and with project files named as in the project. */
function stackOf(error: Error, rootDir: string): string {
  const stack = textOf(error.stack) || `${nameOf(error)}: ${textOf(error.message)}`;
  return stack
    .split("\n")
    .filter((line) => !OWN_FOLDERS.some((folder) => line.includes(folder)) && !/\(?node:internal\//.test(line))
    .join("\n")
    .replaceAll(`${pathToFileURL(rootDir).href}/`, "")
    .replaceAll(`${rootDir}/`, "");
}

/** What calls the task, not what the task calls: task kinds are part of the user's story. */
const OWN_FOLDERS = ["../", "../../ports/"].map((folder) => new URL(folder, import.meta.url).href);

const FRAME = /^\s+at (?:.*\()?([^\s():]+):(\d+):(\d+)\)?$/;

/** The first frame in a file of the project: those of packages and of Node have an absolute path or a scheme. */
function firstPlace(stack: string): SourceLocation | undefined {
  for (const line of stack.split("\n")) {
    const [, file, row, column] = FRAME.exec(line) ?? [];
    if (file === undefined || file.startsWith("/") || file.includes("node_modules/")) continue;
    return { file: decodeURI(file), line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** Fields of an error may be anything, or throw when they are read. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}… (${text.length} characters)`;
}
