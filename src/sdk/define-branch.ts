import type { TriggerRule } from "../core/trigger-rule.ts";
import type { GroupRef } from "./group-ref.ts";
import type { Nothing } from "./nothing.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskKind } from "./task-kind.ts";
import type { ContextOf, Inputs, TaskOptions } from "./task-options.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * What a branch chooses: a task or a group that hangs on it, by name or by what `task(...)` returned, several of them,
 * or none. Within a group a name means a member first.
 *
 * @example
 * const choose = (rows: number): Choice => (rows > 1_000_000 ? "load_bulk" : ["load_rows", "notify"]);
 */
export type Choice = Chosen | readonly Chosen[] | null | undefined;

type Chosen = string | TaskRef | GroupRef;

/**
 * What may be said of a branch or a short circuit: everything that may be said of a task, but for maps and cursors.
 *
 * @example
 * const options: DecisionOptions<Nothing, "all_success", Nothing> = { retries: 2, timeout: "1m" };
 */
export type DecisionOptions<I extends Inputs, W extends TriggerRule, P, X = Nothing> = Omit<
  TaskOptions<I, W, P, never, X>,
  "map" | "label" | "maxParallel" | "onEmpty" | "mapLimit" | "doneWhen" | "setup" | "teardown" | "cursor"
>;

/**
 * Defines a branch: of the tasks and groups that hang on it, those it chooses go on, with all that hangs on them; the
 * others are skipped. A task that joins the ways again says `when: "none_failed_min_one_success"`.
 *
 * @example
 * const choose = branch("choose", { input: { orders } }, ({ input }) => (input.orders > 1_000 ? "bulk" : "rows"));
 * const bulk = task("bulk", { after: choose }, loadBulk);
 * const rows = task("rows", { after: choose }, loadRows);
 * task("publish", { after: [bulk, rows], when: "none_failed_min_one_success" }, publish);
 */
export interface DefineBranch<P = Nothing, X = Nothing> {
  (name: string, work: Decision<TaskContext<Nothing, P> & X, Choice>): TaskRef<string | string[] | null>;
  <I extends Inputs = Nothing, W extends TriggerRule = "all_success">(
    name: string,
    options: DecisionOptions<I, W, P, X>,
    work: Decision<ContextOf<I, W, P, X>, Choice>,
  ): TaskRef<string | string[] | null>;
}

/**
 * Defines a short circuit: when it gives `false`, all that hangs on it is skipped, directly or not, whatever its trigger
 * rule; tear-downs excepted. In a mapped group, or one with retries, it skips what hangs on it in that group.
 *
 * @example
 * const isOpen = shortCircuit("is_open", ({ ds }) => !isHoliday(ds));
 * task("load", { after: isOpen }, load);
 */
export interface DefineShortCircuit<P = Nothing, X = Nothing> {
  (name: string, work: Decision<TaskContext<Nothing, P> & X, boolean>): TaskRef<boolean>;
  <I extends Inputs = Nothing, W extends TriggerRule = "all_success">(
    name: string,
    options: DecisionOptions<I, W, P, X>,
    work: Decision<ContextOf<I, W, P, X>, boolean>,
  ): TaskRef<boolean>;
}

/**
 * The work of a branch or a short circuit: a function, or a kind whose output is the decision.
 *
 * @example
 * const work: Decision<TaskContext, boolean> = ({ ds }) => ds.endsWith("-01");
 */
export type Decision<Context, T> = ((context: Context) => T | Promise<T>) | TaskKind;
