import type { FailureView } from "../core/definition.ts";
import type { Mapped } from "../core/mapped.ts";
import type { Outcome } from "../core/task-context.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { Asset } from "./asset.ts";
import type { CacheOptions } from "./cache-options.ts";
import type { CursorContext, CursorOption, CursorValueOf } from "./cursor-option.ts";
import type { DeadlineOption } from "./deadline-options.ts";
import type { GroupRef } from "./group-ref.ts";
import { LIMIT_NAMES, type LimitOptions } from "./limit-options.ts";
import type { ItemContext, ItemOf, MapOptions, MapSource } from "./map-options.ts";
import type { Nothing } from "./nothing.ts";
import type { Retries } from "./retries.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * Upstream tasks by the name under which the task receives their values.
 *
 * @example
 * const input: Inputs = { orders, rates };
 */
export type Inputs = Readonly<Record<string, TaskRef>>;

/**
 * What a task receives for its inputs. Under `all_success` every upstream has given its value; under any other rule
 * the task may start without one, so each input is an `Outcome` that says how its upstream ended.
 *
 * @example
 * task("report", { input: { rows }, when: "all_done" }, ({ input }) => input.rows.value ?? input.rows.state);
 */
export type InputOf<I extends Inputs, W extends TriggerRule> = {
  readonly [Name in keyof I]: I[Name] extends TaskRef<infer T> ? (W extends "all_success" ? T : OutcomeOf<T>) : never;
};

/** Of a mapped upstream, each of its task runs has an outcome. */
type OutcomeOf<T> = [T] extends [Mapped<infer One>] ? Mapped<OutcomeOf<One>> : Outcome<T>;

/**
 * Another task or a group: what `task(...)` or `group(...)` returned, or the name of one defined further down. Within a
 * group a name means a member first, then what is around the group.
 *
 * @example
 * task("notify_team", { after: [load, "validate_data"] }, notify);
 */
export type TaskOrName = TaskRef | GroupRef | string;

/**
 * The context of a task: `X` is what its group adds, `M` what it is mapped over, `C` its cursor.
 *
 * @example
 * type Context = ContextOf<{ rows: TaskRef<number> }, "all_success", { region: string }>;
 */
export type ContextOf<
  I extends Inputs,
  W extends TriggerRule,
  P,
  X = Nothing,
  M extends MapSource = never,
  C extends CursorOption = never,
> = TaskContext<InputOf<I, W>, P> &
  ([M] extends [never] ? X : ItemContext<ItemOf<M>>) &
  ([C] extends [never] ? unknown : CursorContext<CursorValueOf<C>>);

/**
 * Everything that may be said of a task beside its name and its work. `D` is what `doneWhen` returns; `never` tells
 * the compiler that there is none.
 *
 * @example
 * task("load", { input: { rows }, timeout: "5m", memoryLimit: "512 MiB", outputs: [revenue] }, load);
 */
export interface TaskOptions<
  I extends Inputs,
  W extends TriggerRule,
  P,
  D extends boolean | Promise<boolean>,
  X = Nothing,
  M extends MapSource = never,
  C extends CursorOption = never,
> extends MapOptions<M>,
    LimitOptions {
  /** Upstream tasks whose values this one receives, by name. */
  readonly input?: I;
  /** Upstream tasks and groups whose values do not matter. */
  readonly after?: TaskOrName | readonly TaskOrName[];
  /** The trigger rule; `all_success` when absent. */
  readonly when?: W;
  /** A number of retries, or `exponential(…)`, `fixed(…)`, `delays(…)`. */
  readonly retries?: number | Retries;
  /** Asked after a failure, with what is known of it: `false` ends the task as failed. */
  readonly retryIf?: (failure: FailureView) => boolean | Promise<boolean>;
  /** Running time of one attempt, such as `"15m"`. */
  readonly timeout?: string | number;
  /** Time for all attempts of the task together, waits between them included, such as `"2h"`. */
  readonly totalTimeout?: string | number;
  /** By when it must have ended, such as `"2h"` from the start of its run, or `by("08:00")`: told once when it is late. */
  readonly deadline?: DeadlineOption | readonly DeadlineOption[];
  /** From SIGTERM to SIGKILL, such as `"10s"`, the default. */
  readonly grace?: string | number;
  /** Memory of the attempt's processes together, such as `"512MiB"`; over it the attempt is killed. */
  readonly memoryLimit?: string | number;
  readonly queue?: string;
  /**
   * Higher starts first; 0 when absent. `critical_path`: the longer the way from it to the end of the pipeline has taken
   * so far, the earlier, but after any task of the next higher priority.
   */
  readonly priority?: number | "critical_path";
  /** Replacements of attempts whose worker was lost, outside the retry budget; 3 when absent. */
  readonly lostLimit?: number;
  /** A failure of this task does not fail the run. */
  readonly allowFailure?: boolean;
  /** It makes what the work after it needs, and a tear-down takes away again. */
  readonly setup?: boolean;
  /**
   * Set-ups whose work this one takes away again, once all between them and itself has finished, however it ended; say
   * with `after` which work that is. Its own failure does not fail the run unless `allowFailure` is false.
   */
  readonly teardown?: TaskRef | string | readonly (TaskRef | string)[];
  /** Asked before the first attempt: `false` skips the task, and what depends on it follows by its trigger rule. */
  readonly runIf?: (context: ContextOf<I, W, P, X, M, C>) => boolean | Promise<boolean>;
  /** Asked before the first attempt: `true`, or an asset that exists, ends the task as a success without running it. */
  readonly doneWhen?: ((context: ContextOf<I, W, P, X, M, C>) => D) | Asset<D>;
  /** Results are kept, and taken again where code, inputs and parameters are the same. */
  readonly cache?: boolean | CacheOptions<ContextOf<I, W, P, X, M>>;
  /**
   * How far the task has read its source: found as `cursor.value`, moved by `cursor.advance(next)` with the success of the
   * task. Tasks of a pipeline that have a cursor of one name run one at a time. Not for maps.
   */
  readonly cursor?: C;
  /** What the task reads and writes. */
  readonly inputs?: readonly Asset[];
  readonly outputs?: readonly Asset[];
  /** Names of the connections whose settings the attempt receives. */
  readonly connections?: readonly string[];
  readonly description?: string;
}

export const TASK_OPTION_NAMES = [
  "input",
  "after",
  "when",
  "retries",
  "retryIf",
  "timeout",
  "totalTimeout",
  "deadline",
  "grace",
  "memoryLimit",
  "queue",
  "priority",
  ...LIMIT_NAMES,
  "lostLimit",
  "allowFailure",
  "setup",
  "teardown",
  "runIf",
  "doneWhen",
  "cache",
  "cursor",
  "inputs",
  "outputs",
  "connections",
  "description",
  "map",
  "label",
  "maxParallel",
  "onEmpty",
  "mapLimit",
] as const satisfies readonly (keyof TaskOptions<
  Inputs,
  TriggerRule,
  unknown,
  boolean,
  unknown,
  MapSource,
  CursorOption
>)[];
