import type { FailureView } from "../../core/definition.ts";
import type { Failure, RetryAdvice } from "../../core/failure.ts";
import type { DataInterval, Instant } from "../../core/instant.ts";
import type { Json } from "../../core/json.ts";
import type { ListedItems } from "../../core/map-source.ts";
import type { PastSuccess } from "../../core/past-success.ts";
import type { TickAnswer } from "../../core/schedule/schedule-state.ts";
import type { ScheduleOfRun } from "../../core/schedule-of-run.ts";
import type { SourceLocation } from "../../core/source-location.ts";
import type { TaskRunState } from "../../core/state.ts";
import type { ConsumedEvent } from "../../core/trigger/consumed-event.ts";
import type { PollAnswer } from "../executor.ts";
import type { TicksQuestion } from "./next-ticks.ts";

/** What the owner of a task process sends. Each but `load` is answered once before the next one is sent. */
export type ToProcess =
  | LoadOrder
  | RunOrder
  | AdviseOrder
  | AskFirstOrder
  | CacheKeyOrder
  | ParseParamsOrder
  | NextTicksOrder
  | KeepOutputOrder
  | PollsOrder;

/** The first message: which pipeline this process serves. Answered with `ready` or `unloadable`. */
export interface LoadOrder {
  readonly kind: "load";
  /** Folder with the sources of the version. */
  readonly rootDir: string;
  readonly pipelineFile: string;
  readonly pipeline: string;
  readonly graphHash: string;
  readonly projectDir: string;
  readonly blobsDir: string;
  /** Where attempts find their own folders. */
  readonly tempDir: string;
}

/** One attempt. The specification of the task is known from the import. */
export interface RunOrder extends TaskFacts {
  readonly kind: "run";
  /** Ask `runIf` and `doneWhen` first. */
  readonly ask?: true;
}

/** `runIf` and `doneWhen` alone, for a task that runs as a subprocess. Answered like a run, or with `go_on`. */
export interface AskFirstOrder extends TaskFacts {
  readonly kind: "ask_first";
}

/** What the key function of a task says. */
export interface CacheKeyOrder extends TaskFacts {
  readonly kind: "cache_key";
}

/** What `retryIf` and the delay function of a task say of a failure. */
export interface AdviseOrder {
  readonly kind: "advise";
  readonly task: string;
  readonly failure: FailureView;
}

export interface ParseParamsOrder {
  readonly kind: "parse_params";
  readonly raw: { readonly [name: string]: Json | undefined };
}

/** What the function of a schedule says of its next ticks. */
export interface NextTicksOrder extends TicksQuestion {
  readonly kind: "next_ticks";
}

/** A subprocess gave a large output: one line of a file. Answered like a run that returned it. */
export interface KeepOutputOrder {
  readonly kind: "keep_output";
  readonly path: string;
  readonly offset: number;
  readonly bytes: number;
  readonly labelPaths?: readonly string[];
}

/** Sensors of the pipeline look once each, all at the same time. Answered with `polled`. */
export interface PollsOrder {
  readonly kind: "poll";
  readonly polls: readonly PollFacts[];
}

export interface PollFacts extends TaskFacts {
  readonly config: Json;
  readonly memory?: Json;
  readonly now: Instant;
  readonly pollTimeoutMs: number;
}

export interface TaskFacts {
  readonly task: string;
  readonly runId: string;
  readonly taskRunKey: number;
  readonly generation: number;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly mapKey?: string;
  readonly item?: ItemFact;
  readonly cursor?: CursorFact;
  /** A map goes over the value: how its items are called, by the paths at which to look. */
  readonly labelPaths?: readonly string[];
  /** Sent when the run is another one than in the order before. */
  readonly run?: RunFacts;
  readonly input?: Readonly<Record<string, InputFact>>;
  readonly connections?: Readonly<Record<string, string>>;
}

/** What all attempts of a run share. */
export interface RunFacts {
  readonly id: string;
  readonly trigger: string;
  readonly interval: DataInterval;
  readonly isPartial?: true;
  readonly schedule?: ScheduleOfRun;
  readonly timezone: string;
  readonly ds: string;
  readonly params: Json;
  readonly lastSuccess?: PastSuccess;
  /** What has started it, when events have. */
  readonly events?: readonly ConsumedEvent[];
}

export interface InputFact {
  readonly state: TaskRunState;
  /** The value itself … */
  readonly value?: Json;
  /** … or the hash of the blob that holds it … */
  readonly blob?: string;
  /** … or the file that holds all values of a mapped upstream. */
  readonly mapped?: { readonly file: string; readonly length: number };
}

export interface CursorFact {
  readonly name: string;
  readonly value: Json;
}

export type ItemFact =
  | { readonly value: Json }
  /** Part of a blob. */
  | { readonly blob: string; readonly offset: number; readonly bytes: number };

/** What a task process sends. */
export type FromProcess =
  | { readonly kind: "ready"; readonly use: ProcessUse }
  | { readonly kind: "unloadable"; readonly failure: Failure }
  | SucceededMessage
  | { readonly kind: "skipped"; readonly reason: string; readonly use: ProcessUse }
  | FailedMessage
  /** Nothing that was asked stands in the way of the work. */
  | { readonly kind: "go_on" }
  | { readonly kind: "cache_key"; readonly key: Json }
  /** In the order of the polls. `late`: one of them has not answered in time, and may still be at work. */
  | { readonly kind: "polled"; readonly answers: readonly PollAnswer[]; readonly late: boolean }
  | { readonly kind: "advice"; readonly advice: RetryAdvice; readonly problem?: string }
  | { readonly kind: "params"; readonly params: Json }
  | { readonly kind: "params_refused"; readonly message: string; readonly hint?: string }
  | { readonly kind: "ticks"; readonly answer: TickAnswer }
  | {
      readonly kind: "ticks_refused";
      readonly message: string;
      readonly hint?: string;
      readonly location?: SourceLocation;
    }
  /** The last word: the process is about to end by itself. */
  | { readonly kind: "exits"; readonly code: number; readonly wasBusy: boolean };

export interface SucceededMessage {
  readonly kind: "success";
  readonly doneWhen?: true;
  /** The JSON text of the value follows the message, after a line end … */
  readonly hasValue?: true;
  /** … or has been put into the blob store. */
  readonly blob?: { readonly hash: string; readonly bytes: number };
  /** What a blob lists that a map goes over. */
  readonly items?: ListedItems;
  /** Where the cursor is to move: JSON text. */
  readonly cursor?: string;
  readonly use: ProcessUse;
}

export interface FailedMessage {
  readonly kind: "failed";
  readonly failure: Failure;
  readonly retryAfterMs?: number;
  /** The error was thrown where nobody could catch it: the process cannot be trusted any more, and ends. */
  readonly uncaught?: true;
  readonly use: ProcessUse;
}

/** What the process has used. */
export interface ProcessUse {
  /** During this order, itself alone. */
  readonly cpuUs: number;
  /** Since it began, itself alone. */
  readonly totalCpuUs: number;
  /** The most it held during this order. */
  readonly peakBytes: number;
  /** What it holds now. */
  readonly residentBytes: number;
  /** It has started other processes during this order. */
  readonly spawned?: true;
}

/** `log` frames: the level, a space, the text. */
export function encodeLogLine(level: string, text: string): string {
  return `${level} ${text}`;
}

export function decodeLogLine(line: string): { readonly level: string; readonly text: string } {
  const space = line.indexOf(" ");
  return { level: line.slice(0, space), text: line.slice(space + 1) };
}

/** An answer, and the JSON text of a value behind it, which is thus not written as a string inside a string. */
export function encodeAnswer(message: FromProcess, valueJson?: string): string {
  const head = JSON.stringify(message);
  return valueJson === undefined ? head : `${head}\n${valueJson}`;
}

/** Throws on what no task process says: user code can write into the pipe, and must not bring down the engine. */
export function decodeAnswer(payload: Buffer): { readonly message: FromProcess; readonly valueJson?: string } {
  const end = payload.indexOf("\n");
  const head: unknown = JSON.parse((end < 0 ? payload : payload.subarray(0, end)).toString());
  if (!isFromProcess(head)) throw new TypeError("A task process has sent a message of no known form.");
  return end < 0 ? { message: head } : { message: head, valueJson: payload.subarray(end + 1).toString() };
}

function isFromProcess(value: unknown): value is FromProcess {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const fields: { readonly [name: string]: unknown } = { ...value };
  const expected = FORMS.get(String(value.kind));
  return expected?.every((name) => isOfForm(name, fields[name])) ?? false;
}

/** Kind -> the fields that must be there. */
const FORMS: ReadonlyMap<string, readonly string[]> = new Map([
  ["ready", ["use"]],
  ["unloadable", ["failure"]],
  ["success", ["use"]],
  ["skipped", ["reason", "use"]],
  ["failed", ["failure", "use"]],
  ["go_on", []],
  ["cache_key", ["key"]],
  ["polled", ["answers"]],
  ["advice", ["advice"]],
  ["params", ["params"]],
  ["params_refused", ["message"]],
  ["ticks", ["answer"]],
  ["ticks_refused", ["message"]],
  ["exits", ["code"]],
]);

function isOfForm(name: string, value: unknown): boolean {
  if (name === "code") return typeof value === "number";
  if (name === "reason" || name === "message") return typeof value === "string";
  if (name === "params" || name === "key") return value !== undefined;
  if (typeof value !== "object" || value === null) return false;
  if (name === "use") return ["cpuUs", "totalCpuUs", "peakBytes", "residentBytes"].every((part) => part in value);
  return name === "failure" ? "reason" in value && "message" in value : true;
}
