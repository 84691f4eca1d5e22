import type { ClockDeadline, DeadlineSpec } from "./deadline/deadline-spec.ts";
import type { Json } from "./json.ts";
import type { OpenHours } from "./open-hours.ts";
import type { PoolLimit } from "./pool-limit.ts";
import type { CacheSpec } from "./result-cache.ts";
import type { RetryPolicy } from "./retry-policy.ts";
import type { ScheduleSpec } from "./schedule/schedule-spec.ts";
import type { KeyOverflow, RateLimit } from "./scope.ts";
import type { CursorSpec } from "./source-cursor.ts";
import type { SourceLocation } from "./source-location.ts";
import type { TriggerSpec } from "./trigger/trigger-spec.ts";
import type { TriggerRule } from "./trigger-rule.ts";

/**
 * What a project compiles to: plain data, no code, no absolute path, no time of day, so that equal sources give the
 * equal hash on every machine. The engine and the server know a pipeline by this alone.
 */
export interface ProjectManifest {
  readonly format: 1;
  readonly pipelines: readonly PipelineSpec[];
  readonly pools?: Readonly<Record<string, PoolLimit>>;
  /** Tag -> how many tasks that carry it may run at the same time. */
  readonly tagLimits?: Readonly<Record<string, number>>;
}

export type { SourceLocation };

export interface PipelineSpec {
  readonly name: string;
  readonly location: SourceLocation;
  readonly description?: string;
  readonly owner?: string;
  readonly tags: readonly string[];
  /** IANA zone in which `ds` of runs without a schedule is computed: that of the first schedule, `UTC` without any. */
  readonly timezone: string;
  /** In the order of the definition, each with a name of its own; absent = none. */
  readonly schedules?: readonly ScheduleSpec[];
  /** What starts runs when something happens, each with a name of its own; absent = nothing. */
  readonly triggers?: readonly TriggerSpec[];
  /** JSON Schema of the parameters (from zod); absent = the pipeline takes none. */
  readonly params?: Json;
  /** Index in this array = task index, as stored in task-run rows. Upstream tasks come before their dependants. */
  readonly tasks: readonly TaskSpec[];
  /** Outer groups before inner ones; absent = none. */
  readonly groups?: readonly GroupSpec[];
  /** The first final failure cancels the rest, tear-downs excepted (RS-5). */
  readonly failFast?: true;
  /** From the run's start; then it is stopped and fails (RS-4). */
  readonly runTimeoutMs?: number;
  /** What tear-downs may take once the run was stopped; 10 minutes when absent (RS-7). */
  readonly cleanupTimeoutMs?: number;
  /** Failed runs in a row after which the pipeline is paused (RS-6). */
  readonly pauseAfterFailures?: number;
  /** How its backfills run, unless who asks says something else. */
  readonly backfill?: { readonly singleRun?: true; readonly maxActive?: number };
  /** Runs that may be under way at the same time; 16 when absent. */
  readonly maxRuns?: number;
  /** Attempts that may run at the same time, over all runs. */
  readonly concurrency?: number;
  /** Attempts of one run that may run at the same time. */
  readonly runConcurrency?: number;
  /** By when its runs must have ended. */
  readonly deadlines?: readonly DeadlineSpec[];
  /** Attempts of its tasks start within these hours alone (TI-8). */
  readonly runOnlyBetween?: OpenHours;
  /** The task whose value a pipeline receives that calls this one as its child. */
  readonly result?: number;
  /** SHA-256 (hex) of the canonical JSON of everything above: a worker that rebuilds another graph refuses to run. */
  readonly graphHash: string;
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
  /**
   * Name of an input -> index of the task whose output it is. It is in `upstream`, but where a junction of a group or a
   * tear-down stands for it: the task that gives it has ended before this one starts, in any case.
   */
  readonly input: Readonly<Record<string, number>>;
  readonly when: TriggerRule;
  readonly retries: RetryPolicy;
  /** The user gave `retryIf` or a delay function: code that decides in a task process. */
  readonly hasRetryCode: boolean;
  /** The user gave a `doneWhen`, asked before the first attempt. */
  readonly hasDoneWhen: boolean;
  /** It is an asset that says whether it exists: its key. */
  readonly doneWhenAsset?: string;
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
  /** Pools it takes slots of while it runs, sorted by name. */
  readonly pools?: readonly PoolShare[];
  /** For the limits of tags. Those of its pipeline count as well. */
  readonly tags?: readonly string[];
  /** Attempts of this task with one and the same value of a parameter. */
  readonly keyed?: KeyedConcurrency;
  readonly rateLimit?: RateLimit;
  /** Its attempts start within these hours alone (TI-8). */
  readonly runOnlyBetween?: OpenHours;
  /** It starts the earlier, the longer the way from it to the end of the pipeline has taken so far (CC-3). */
  readonly priorityBy?: "critical_path";
  /** It waits for itself in the run before this one (CC-6). */
  readonly dependsOnPast?: true;
  /** A failure does not fail the run. */
  readonly allowFailure: boolean;
  readonly inputs: readonly AssetRef[];
  readonly outputs: readonly AssetRef[];
  /** Names of the connections whose settings the attempt receives. */
  readonly connections: readonly string[];
  /** Index of the innermost group it belongs to. */
  readonly group?: number;
  /**
   * Tasks that must have let this one through before its rule is asked, ascending: the start of its group, branches and
   * short circuits above it, set-ups of its scope. They count for its rule only if they are in `upstream` as well.
   */
  readonly gates?: readonly number[];
  /** What its value decides: which of its direct dependants go on (SK-1), or whether anything below does (SK-3). */
  readonly decides?: "branch" | "short_circuit";
  /** `setup` makes what work needs; `teardown`, with the junctions before it, takes it away again (SU-1). */
  readonly role?: "setup" | "teardown";
  /** Of a tear-down: what is cleared with each other (SU-2). */
  readonly cleanup?: { readonly setups: readonly number[]; readonly work: readonly number[] };
  readonly map?: MapSpec;
  /** A map goes over its value, so its items are counted when it succeeds. */
  readonly isMapSource?: true;
  /** The user gave a `runIf` function, asked before the first attempt; false skips the task (SK-3). */
  readonly hasRunIf?: true;
  /** Its results are kept, and taken again where nothing they come from has changed. */
  readonly cache?: CacheSpec;
  /** All attempts and waits of a generation together (RT-4). */
  readonly totalTimeoutMs?: number;
  /** By when it must have ended. */
  readonly deadlines?: readonly DeadlineSpec[];
  /** How far it has read its source: moved with its success alone. */
  readonly cursor?: CursorSpec;
}

export interface PoolShare {
  readonly name: string;
  readonly slots: number;
}

export interface KeyedConcurrency {
  /** `params.customer`: path of the parameter whose values are kept apart. */
  readonly key: string;
  readonly limit: number;
  readonly overflow: KeyOverflow;
}

/** Tasks with a name space of their own (GR-1). Its members say so by `TaskSpec.group`. */
export interface GroupSpec {
  /** With the groups around it, `load.orders`; members are called `load.orders.fetch`. */
  readonly name: string;
  readonly location: SourceLocation;
  readonly description?: string;
  /** The group around it. */
  readonly parent?: number;
  /** The junction that lets its members start; absent when nothing holds them back: no upstream, no map, no retries. */
  readonly start?: number;
  /** The junction that says how all of it ended; there when the group has retries. What waits for the group waits for this. */
  readonly end?: number;
  /** The junction that waits for its tear-downs, however they end; a gate of `end`, there when the group has both. */
  readonly cleanup?: number;
  readonly retries?: RetryPolicy;
  /** Attempts of members that may run at the same time within a run. */
  readonly concurrency?: number;
  /** One copy of all members for each item. */
  readonly map?: MapSpec;
}

/** One task run for each item of a list (DM-1). */
export interface MapSpec {
  readonly over: { readonly kind: "task"; readonly index: number } | { readonly kind: "items"; readonly items: Json };
  /** Path of a property of the item that names its task run, `customer.name`. */
  readonly label?: string;
  /** Task runs of the map that may run at the same time within a run. */
  readonly maxParallel?: number;
  /** What an empty list makes of it; `skipped` when absent. */
  readonly onEmpty?: "success";
  /** More items than this fail it. */
  readonly limit: number;
}

export interface AssetRef {
  readonly key: string;
  /** Of an output: once a day it must have been made by then. */
  readonly deadline?: ClockDeadline;
}

export type TaskExecution =
  /** Runs inside a warm Node process: `run` is found in the pipeline's own module by task name. */
  | { readonly via: "function" }
  /** Runs as a subprocess: everything the executor needs is data. */
  | { readonly via: "process"; readonly command: CommandSpec }
  /** Waits until something is there, and holds nothing meanwhile: a watcher looks for it (WT-1). */
  | { readonly via: "sensor"; readonly sensor: SensorSpec }
  /** Starts a run of another pipeline of the same version, and waits for its end. */
  | ({ readonly via: "pipeline" } & ChildSpec)
  /**
   * A junction: nothing runs, it is decided at once. `gate` is a success when its rule passes; `summary` ends as its
   * upstream has ended: upstream_failed if one failed, skipped if all were skipped, else success. Named after what it
   * belongs to, with a slash that no task of a user can have: `load/start`, `load/end`.
   */
  | { readonly via: "none"; readonly as: "gate" | "summary" };

export interface SensorSpec {
  /** `file`, `http`, …; `poll` for a function of the user. */
  readonly kind: string;
  /**
   * Who looks: the sensor host, by data alone; the pipeline's own code in a task process; or the store, which knows of
   * runs and of the time itself.
   */
  readonly by: "host" | "function" | "store";
  /** Texts may hold `{{ }}` templates, rendered for each poll. */
  readonly config: Json;
  readonly pollEvery: PollEvery;
  /** From the first poll to the end of the wait: a moment that never moves. */
  readonly timeoutMs: number;
  readonly onTimeout: "fail" | "skip";
  /** A poll that takes longer counts as one that went wrong. */
  readonly pollTimeoutMs: number;
  /** So many polls that go wrong one after the other fail it. */
  readonly errorsMax: number;
}

/** Waits between polls: the first, each one longer by the factor, up to the longest. */
export interface PollEvery {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

export interface ChildSpec {
  readonly pipeline: string;
  /** Texts may hold `{{ }}` templates, rendered when the run is started. */
  readonly params: { readonly [name: string]: Json };
  /** False: the task succeeds as soon as the run has been created. */
  readonly wait: boolean;
}

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
