import type { Failure } from "../../core/failure.ts";
import { listItems } from "../../core/map-source.ts";
import { parseJson, toJsonText } from "../../core/serialize-value.ts";
import { INLINE_VALUE_BYTES_MAX } from "../../core/value.ts";
import type { BlobStore } from "../blobs.ts";
import type { AttemptContext } from "./attempt-context.ts";
import type { LoadedTask } from "./load-pipeline.ts";
import type { FailedMessage, SucceededMessage } from "./messages.ts";
import { retryAfterMsOf, signalOf, thrownFailure } from "./thrown-failure.ts";

/** How user code ended; the process adds what it used. */
export type AttemptOutcome =
  | (Omit<SucceededMessage, "use"> & { readonly json?: string })
  | { readonly kind: "skipped"; readonly reason: string }
  | Omit<FailedMessage, "use">;

export interface AttemptToRun {
  readonly task: LoadedTask;
  readonly attempt: AttemptContext;
  /** Ask `runIf` and `doneWhen` first. */
  readonly ask: boolean;
  readonly keep: ValueKeeping;
  readonly rootDir: string;
}

/** Where large values go, and what has to be known of them. */
export interface ValueKeeping {
  readonly blobs: BlobStore;
  /** A map goes over the value: how its items are called, by the paths at which to look. */
  readonly labelPaths?: readonly string[] | undefined;
}

/** Calls the task. Never rejects: whatever user code does is an outcome. */
export async function runAttempt({ task, attempt, ask, keep, rootDir }: AttemptToRun): Promise<AttemptOutcome> {
  try {
    const asked = ask ? await askFirst(task, attempt, rootDir) : undefined;
    if (asked !== undefined) return asked;
    const { run } = task.functions;
    if (run === undefined) return withoutFunction(task.spec.name);
    return withCursor(await keptValue(await run(attempt.context), keep), attempt.advancedTo());
  } catch (thrown) {
    return thrownOutcome(thrown, rootDir);
  }
}

/** What `runIf` (SK-3) and `doneWhen` (RT-7) make of the task; undefined when it is to do its work. Never rejects. */
export async function askFirst(
  { functions: { runIf, doneWhen } }: LoadedTask,
  { context }: AttemptContext,
  rootDir: string,
): Promise<AttemptOutcome | undefined> {
  let asking: "runIf" | "doneWhen" = "runIf";
  try {
    if (runIf !== undefined && !(await runIf(context))) return { kind: "skipped", reason: "run_if" };
    asking = "doneWhen";
    return (await doneWhen?.(context)) ? { kind: "success", doneWhen: true } : undefined;
  } catch (thrown) {
    const outcome = thrownOutcome(thrown, rootDir);
    return outcome.kind === "failed" ? { ...outcome, failure: { ...outcome.failure, asking } } : outcome;
  }
}

/** The disk is full, or may not be written: another attempt may have more luck. */
export function notKept(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return {
    reason: "error",
    message: `The output could not be kept: ${message}`,
    hint: "See whether the disk is full.",
  };
}

/** An `output` message of a subprocess, as if a function had returned its value. */
export async function keptOutputLine(line: string, keep: ValueKeeping): Promise<AttemptOutcome> {
  try {
    const message = parseJson(line);
    if (typeof message !== "object" || message === null || !("value" in message)) throw new Error("it has no value");
    return await keptValue(message.value ?? null, keep);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { kind: "failed", failure: { reason: "invalid_output", message: `The output cannot be read: ${why}.` } };
  }
}

/** What was thrown decides how the attempt ends: `skip()`, `fatal()`, or an error. */
function thrownOutcome(thrown: unknown, rootDir: string): AttemptOutcome {
  const failure = thrownFailure(thrown, rootDir);
  if (signalOf(thrown) === "skip") return { kind: "skipped", reason: failure.message };
  const retryAfterMs = retryAfterMsOf(thrown);
  return { kind: "failed", failure, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** What a function has returned, kept as a task's value is. */
export async function keptValue(value: unknown, { blobs, labelPaths }: ValueKeeping): Promise<AttemptOutcome> {
  if (value === undefined) return { kind: "success" };
  const text = toJsonText(value);
  if (!text.ok) {
    const message = `The output cannot be kept: ${text.path} ${text.problem}.`;
    return { kind: "failed", failure: { reason: "invalid_output", message, hint: text.hint } };
  }
  if (text.bytes <= INLINE_VALUE_BYTES_MAX) return { kind: "success", hasValue: true, json: text.json };
  try {
    const items = labelPaths === undefined ? undefined : listItems(parseJson(text.json), labelPaths);
    return { kind: "success", blob: await blobs.put(text.json), ...(items === undefined ? {} : { items }) };
  } catch (error) {
    return { kind: "failed", failure: notKept(error) };
  }
}

/** The cursor moves with a success alone. */
function withCursor(outcome: AttemptOutcome, cursor: string | undefined): AttemptOutcome {
  return outcome.kind === "success" && cursor !== undefined ? { ...outcome, cursor } : outcome;
}

function withoutFunction(task: string): AttemptOutcome {
  const message = `The pipeline gives task "${task}" no function to run.`;
  return { kind: "failed", failure: { reason: "cannot_start", message } };
}
