import type { Failure, ResourceUsage, RetryAdvice } from "../core/failure.ts";
import type { DataInterval, Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { SensorSpec, TaskSpec } from "../core/manifest.ts";
import type { ListedItems } from "../core/map-source.ts";
import type { PastSuccess } from "../core/past-success.ts";
import type { TickAnswer } from "../core/schedule/schedule-state.ts";
import type { ScheduleOfRun } from "../core/schedule-of-run.ts";
import type { TaskRunState } from "../core/state.ts";
import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import type { FileState } from "../core/trigger/file-state.ts";
import type { StoredValue } from "../core/value.ts";
import type { TicksQuestion } from "./pool/next-ticks.ts";

/**
 * Runs attempts. The engine knows nothing else of processes: it gives an order, hears exactly one report, and may ask
 * for an attempt to stop. `execute` never rejects: whatever goes wrong is a report.
 */
export interface Executor {
  /** How many attempts may run at the same time. */
  readonly slots: number;
  execute(order: AttemptOrder): Promise<AttemptReport>;
  /** Looks once for what a sensor waits for. Never rejects; takes no slot. */
  poll(poll: PollOrder): Promise<PollAnswer>;
  /** Looks once for files that match a pattern. Never rejects; takes no slot. */
  findFiles(wanted: WantedFiles): Promise<FilesAnswer>;
  /** Validates and completes raw parameters with the pipeline's own code. Throws `invalid_params`. */
  parseParams(pipeline: PipelineCode, raw: RawParams): Promise<Json>;
  /** Asks the function of a schedule for its next ticks. Throws what it has thrown, within five seconds. */
  nextTicks(pipeline: PipelineCode, question: TicksQuestion): Promise<TickAnswer>;
  /**
   * SIGTERM to the attempt's process group, SIGKILL after the grace time, or `now`; the report then says `cancelled`.
   * May be asked again, to make it sooner.
   */
  stop(order: AttemptId, how?: StopManner): void;
  /** Ends every process; attempts still running are reported as cancelled. */
  close(): Promise<void>;
}

export interface StopManner {
  /** SIGKILL at once, to the whole process tree. */
  readonly now: boolean;
}

/** Where the code of a pipeline is. */
export interface PipelineCode {
  readonly versionHash: string;
  readonly graphHash: string;
  /** The file that exports it, relative to the version's folder. */
  readonly pipelineFile: string;
  readonly pipeline: string;
}

export type RawParams = { readonly [name: string]: Json | undefined };

/** Names an attempt and its log. */
export interface AttemptId {
  readonly runId: string;
  readonly taskRunKey: number;
  readonly generation: number;
  readonly attempt: number;
}

export interface AttemptOrder extends AttemptId {
  readonly token: number;
  readonly project: string;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly graphHash: string;
  /** The file that exports the pipeline, relative to the version's folder. */
  readonly pipelineFile: string;
  readonly task: TaskSpec;
  readonly mapKey: string;
  /** Of a task run of a map: what it is for. */
  readonly item?: ItemValue;
  /** Maps go over its value: how its items are called, by the paths at which to look. */
  readonly labelPaths?: readonly string[];
  readonly trigger: string;
  /** What has started the run, when events have. */
  readonly events?: readonly ConsumedEvent[];
  readonly interval: DataInterval;
  /** The interval is no step of the schedule as it is now (TI-6). */
  readonly isPartial?: true;
  /** The schedule of whose steps the interval is one. */
  readonly schedule?: ScheduleOfRun;
  readonly timezone: string;
  readonly ds: string;
  readonly params: Json;
  /** The success before this interval, as it was when the first task of the run began. */
  readonly lastSuccess?: PastSuccess;
  readonly input: Readonly<Record<string, InputValue>>;
  readonly idempotencyKey: string;
  /** Of a task with a cursor: JSON text, and how often it had been moved when it was read. */
  readonly cursor?: { readonly name: string; readonly json: string; readonly version: number };
  /** Ask `runIf` and `doneWhen` first. */
  readonly askFirst: boolean;
  /** Only ask, these and the key function of the cache: the report is `asked`, unless an answer ends the attempt. */
  readonly askOnly?: true;
  /** What Batuta has to say of the attempt: the first line of its log. */
  readonly note?: string;
}

export interface InputValue {
  readonly state: TaskRunState;
  /** Absent when the upstream gave no value. */
  readonly value?: StoredValue;
  /** In place of one value, all that a mapped upstream has given. */
  readonly mapped?: MappedValue;
}

export interface MappedValue {
  /** How many there are; with maps in maps, of the outermost. */
  readonly length: number;
  /** In the order of the items, portion by portion, so that they are never all in memory. May be read again. */
  portions(): AsyncIterable<readonly MappedEntry[]>;
  /** Where the executor has written them for functions of the attempt … */
  readonly file?: string;
  /** … and for a program. */
  readonly jsonLines?: string;
}

export type MappedEntry =
  | { readonly kind: "one"; readonly state: TaskRunState; readonly value?: StoredValue }
  /** Of a map in a map: the so many entries after this one belong together. */
  | { readonly kind: "many"; readonly length: number };

export type ItemValue =
  | { readonly kind: "inline"; readonly json: string }
  /** One of the items of a list that is kept as a blob … */
  | { readonly kind: "in_blob"; readonly hash: string; readonly index: number }
  /** … and where the executor has found it there. */
  | { readonly kind: "blob_part"; readonly hash: string; readonly offset: number; readonly bytes: number };

export interface AttemptReport {
  readonly usage?: ResourceUsage;
  readonly result: AttemptResult;
}

export type AttemptResult =
  | {
      readonly kind: "success";
      readonly output?: StoredValue;
      /** `done_when`, or where in the cache the result comes from. */
      readonly reason?: string;
      readonly materialisations?: readonly { readonly asset: string; readonly metadata?: Json }[];
      /** Of a list that a map goes over and that is kept as a blob. */
      readonly items?: ListedItems;
      /** Where the cursor is to move: JSON text. */
      readonly cursor?: string;
    }
  | { readonly kind: "skipped"; readonly reason: string }
  /** Nothing that was asked stands in the way of the work. */
  | { readonly kind: "asked"; readonly cacheKey?: Json; readonly problem?: string }
  | { readonly kind: "failed"; readonly failure: Failure; readonly advice?: RetryAdvice }
  | { readonly kind: "cancelled"; readonly failure: Failure };

/** One look at what a sensor waits for. */
export interface PollOrder {
  /** What its task would be told in an attempt: run, inputs, item. */
  readonly order: AttemptOrder;
  readonly sensor: SensorSpec;
  /** Rendered. */
  readonly config: Json;
  /** What the last poll has asked to be told. */
  readonly memory?: Json;
  /** 1 for the first of its wait. */
  readonly number: number;
  /** On the store's clock. */
  readonly now: Instant;
}

export type PollAnswer =
  | {
      readonly kind: "not_yet";
      /** For people: what was there. */
      readonly seen?: string;
      /** For the next poll. */
      readonly memory?: Json;
      /** In place of the sensor's own wait. */
      readonly againMs?: number;
    }
  | { readonly kind: "done"; readonly output?: StoredValue; readonly items?: ListedItems }
  | { readonly kind: "skipped"; readonly reason: string }
  /** For good. */
  | { readonly kind: "failed"; readonly failure: Failure }
  /** The poll went wrong, and may go well the next time. */
  | { readonly kind: "error"; readonly failure: Failure };

export interface WantedFiles {
  /** Relative to the project folder, or absolute. */
  readonly glob: string;
  /** What the last answer to this question was, so that it need not be told again. */
  readonly known?: string;
}

export type FilesAnswer =
  /** As it was when it looked as is `known`. */
  | { readonly kind: "same" }
  | { readonly kind: "files"; readonly print: string; readonly files: readonly FileState[]; readonly problem?: Problem }
  /** Nobody knows what is there. */
  | { readonly kind: "refused"; readonly problem: Problem };

/** In words for people, with how to mend it. */
export interface Problem {
  readonly message: string;
  readonly hint?: string;
}
