import type { FailureView } from "../core/definition.ts";
import type { Outcome } from "../core/task-context.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { Asset } from "./asset.ts";
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
  readonly [Name in keyof I]: I[Name] extends TaskRef<infer T> ? (W extends "all_success" ? T : Outcome<T>) : never;
};

/**
 * Another task: what `task(...)` returned, or the name of one defined further down.
 *
 * @example
 * task("notify_team", { after: [load, "validate_data"] }, notify);
 */
export type TaskOrName = TaskRef | string;

/**
 * Everything that may be said of a task beside its name and its work. `D` is what `doneWhen` returns; `never` tells
 * the compiler that there is none.
 *
 * @example
 * task("load", { input: { rows }, timeout: "5m", memoryLimit: "512 MiB", outputs: [revenue] }, load);
 */
export interface TaskOptions<I extends Inputs, W extends TriggerRule, P, D extends boolean | Promise<boolean>> {
  /** Upstream tasks whose values this one receives, by name. */
  readonly input?: I;
  /** Upstream tasks whose values do not matter. */
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
  /** From SIGTERM to SIGKILL, such as `"10s"`, the default. */
  readonly grace?: string | number;
  /** Memory of the attempt's processes together, such as `"512MiB"`; over it the attempt is killed. */
  readonly memoryLimit?: string | number;
  readonly queue?: string;
  /** Higher starts first; 0 when absent. */
  readonly priority?: number;
  /** Attempts of this task that may run at the same time, over all runs. */
  readonly concurrency?: number;
  /** Replacements of attempts whose worker was lost, outside the retry budget; 3 when absent. */
  readonly lostLimit?: number;
  /** A failure of this task does not fail the run. */
  readonly allowFailure?: boolean;
  /** Asked before the first attempt: `false` skips the task, and what depends on it follows by its trigger rule. */
  readonly runIf?: (context: TaskContext<InputOf<I, W>, P>) => boolean | Promise<boolean>;
  /** Asked before the first attempt: `true` ends the task as a success without running it, and without a value. */
  readonly doneWhen?: (context: TaskContext<InputOf<I, W>, P>) => D;
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
  "grace",
  "memoryLimit",
  "queue",
  "priority",
  "concurrency",
  "lostLimit",
  "allowFailure",
  "runIf",
  "doneWhen",
  "inputs",
  "outputs",
  "connections",
  "description",
] as const satisfies readonly (keyof TaskOptions<Inputs, TriggerRule, unknown, boolean>)[];
