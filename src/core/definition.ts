import type { Instant } from "./instant.ts";
import type { Json } from "./json.ts";
import type { PipelineSpec } from "./manifest.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * What a pipeline file exports: the specification as data, and the user's functions by task name. The loader reads
 * the first; a task process calls the second.
 *
 * @example
 * const report: PipelineDefinition = pipeline("report", ({ task }) => void task("a", () => 1));
 * export default report;
 */
export interface PipelineDefinition {
  /** Marks the export, whatever copy of the package made it. */
  readonly batuta: "pipeline";
  /** `location.file` holds the absolute file URL or path as seen at load; the loader makes it relative and hashes. */
  readonly spec: Omit<PipelineSpec, "graphHash">;
  readonly functions: ReadonlyMap<string, TaskFunctions>;
  /** Validates and completes raw parameters; throws a `BatutaError` with code `invalid_params`. */
  parseParams(raw: { readonly [name: string]: Json | undefined }): Json;
  /** Functions of schedules whose timing is code, by name of the schedule. */
  readonly timetables?: ReadonlyMap<string, (after: Date) => Date | undefined>;
  /** Parameters of the runs of each schedule, completed afresh: they have to come out the same every time. */
  readonly parseScheduleParams?: () => readonly Json[];
}

export interface TaskFunctions {
  /** Absent for a task that runs as a subprocess. */
  readonly run?: (context: TaskContext) => unknown;
  /** Of a sensor: looks once for what it waits for. */
  readonly poll?: (context: TaskContext, look: PollLook) => unknown;
  /** Asked before the first attempt; false skips the task. */
  readonly runIf?: (context: TaskContext) => boolean | Promise<boolean>;
  readonly doneWhen?: (context: TaskContext) => boolean | Promise<boolean>;
  /** What the result depends on beside the code. */
  readonly cacheKey?: (context: TaskContext) => unknown;
  readonly retryIf?: (failure: FailureView) => boolean | Promise<boolean>;
  readonly retryDelay?: (failure: FailureView) => number | string | Promise<number | string>;
}

/** What one look of a sensor is told beside the context of its task. */
export interface PollLook {
  /** Of a kind made by `defineSensor`: what it was given, with its templates rendered. */
  readonly config: Json;
  /** What the poll before has asked to be told. */
  readonly memory: Json | undefined;
  /** On the store's clock, on which the poll before was made, too. */
  readonly now: Instant;
}

/**
 * What `retryIf` and delay functions see.
 *
 * @example
 * task("fetch", { retries: 3, retryIf: (failure: FailureView) => failure.errorName !== "AuthError" }, fetchOrders);
 */
export interface FailureView {
  readonly reason: string;
  /** Class name of what was thrown. */
  readonly errorName?: string;
  readonly message: string;
  readonly exitCode?: number;
  readonly signal?: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}
