import type { Json } from "./json.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { SourceLocation } from "./source-location.ts";
import type { TriggerRule } from "./trigger-rule.ts";

/**
 * What a project compiles to: plain data, no code, no absolute path, no time of day, so that equal sources give the
 * equal hash on every machine. The engine and the server know a pipeline by this alone.
 */
export interface ProjectManifest {
  readonly format: 1;
  readonly pipelines: readonly PipelineSpec[];
}

export type { SourceLocation };

export interface PipelineSpec {
  readonly name: string;
  readonly location: SourceLocation;
  readonly description?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  /** IANA zone in which `ds` is computed; `UTC` without a schedule. */
  readonly timezone: string;
  readonly schedule?: ScheduleSpec;
  /** JSON Schema of the parameters (from zod); absent = the pipeline takes none. */
  readonly params?: Json;
  /** Index in this array = task index, as stored in task-run rows. Upstream tasks come before their dependants. */
  readonly tasks: readonly TaskSpec[];
  /** SHA-256 (hex) of the canonical JSON of everything above: a worker that rebuilds another graph refuses to run. */
  readonly graphHash: string;
}

/** A cron schedule. Recorded and used for the interval of manual runs; nothing fires by itself yet. */
export interface ScheduleSpec {
  readonly cron: string;
  readonly timezone: string;
}

export interface TaskSpec {
  readonly name: string;
  readonly location: SourceLocation;
  readonly description?: string;
  /** `function`, `shell`, `python`, `sql`, `http`, or the name given to `defineTaskKind`. For people. */
  readonly kind: string;
  readonly execution: TaskExecution;
  /** Direct upstream tasks by index, ascending and without doubles. */
  readonly upstream: readonly number[];
  /** Name of an input -> index of the upstream task whose output it is. Every index is in `upstream`. */
  readonly input: Readonly<Record<string, number>>;
  readonly when: TriggerRule;
  readonly retries: RetryPolicy;
  /** The user gave `retryIf` or a delay function: code that decides in a task process. */
  readonly hasRetryCode: boolean;
  /** The user gave a `doneWhen` function, asked before the first attempt. */
  readonly hasDoneWhen: boolean;
  /** Replacements of attempts whose worker was lost, per generation, outside the retry budget. */
  readonly lostLimit: number;
  /** Running time of one attempt, monotonic. */
  readonly timeoutMs?: number;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Resident memory of the attempt's processes together; over it the attempt is killed, reason `memory_limit`. */
  readonly memoryLimitBytes?: number;
  readonly queue: string;
  /** Higher starts first. */
  readonly priority: number;
  /** Attempts of this task that may run at the same time, over all runs. */
  readonly concurrency?: number;
  /** A failure does not fail the run. */
  readonly allowFailure: boolean;
  readonly inputs: readonly AssetRef[];
  readonly outputs: readonly AssetRef[];
  /** Names of the connections whose settings the attempt receives. */
  readonly connections: readonly string[];
}

export interface AssetRef {
  readonly key: string;
}

export type TaskExecution =
  /** Runs inside a warm Node process: `run` is found in the pipeline's own module by task name. */
  | { readonly via: "function" }
  /** Runs as a subprocess: everything the executor needs is data. */
  | { readonly via: "process"; readonly command: CommandSpec };

export interface CommandSpec {
  /** Program and arguments, passed as they are; no shell joins them. An element may hold `{{ }}` templates. */
  readonly argv: readonly string[];
  /** Environment variable -> template, rendered for each attempt. */
  readonly env: Readonly<Record<string, string>>;
  /** Relative to the project folder; the project folder itself when absent. */
  readonly cwd?: string;
  /**
   * Index in `argv` of an element that is a file of the project; it is replaced by the absolute path of the run's own
   * version of that file.
   */
  readonly versionedFileArg?: number;
  /** The exit code that means `skip()`; 99 unless the task says otherwise. */
  readonly skipExitCode: number;
}
