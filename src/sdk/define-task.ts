import type { Jsonify } from "../core/json.ts";
import type { Mapped } from "../core/mapped.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { CursorOption } from "./cursor-option.ts";
import type { MapSource } from "./map-options.ts";
import type { Nothing } from "./nothing.ts";
import type { Serialisable } from "./serialisable.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskKind } from "./task-kind.ts";
import type { ContextOf, Inputs, TaskOptions } from "./task-options.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * A task's work: a function of the context, or a kind such as `shell`.
 *
 * @example
 * function twice<R>(name: string, work: Work<TaskContext, R>) {
 *   return task(name, { retries: 1 }, work);
 * }
 */
export type Work<Context, R> = ((context: Context) => R & Serialisable<R>) | TaskKind<R>;

/**
 * Defines a task of the pipeline. What its function returns is what its dependants receive, after a trip through JSON.
 *
 * @example
 * const orders = task("extract_orders", async ({ interval }) => fetchOrders(interval));
 * const files = task("list_files", shell`ls -l`);
 * task("count_orders", { input: { orders }, after: [files], timeout: "5m" }, ({ input }) => input.orders.length);
 * task("load_order", { map: orders, label: "id", maxParallel: 4 }, ({ item }) => load(item));
 */
export interface DefineTask<P = Nothing, X = Nothing> {
  <R>(name: string, work: Work<TaskContext<Nothing, P> & X, R>): TaskRef<Jsonify<Awaited<R>>>;
  <
    R,
    I extends Inputs = Nothing,
    W extends TriggerRule = "all_success",
    D extends boolean | Promise<boolean> = never,
    M extends MapSource = never,
    C extends CursorOption = never,
  >(
    name: string,
    options: TaskOptions<I, W, P, D, X, M, C>,
    work: Work<ContextOf<I, W, P, X, M, C>, R>,
  ): TaskRef<ValueOf<R, D, M>>;
}

/** `doneWhen` may end a task without a value; of a mapped task there are many values. */
type ValueOf<R, D, M> = [M] extends [never] ? OneValueOf<R, D> : Mapped<OneValueOf<R, D>>;

type OneValueOf<R, D> = [D] extends [never] ? Jsonify<Awaited<R>> : Jsonify<Awaited<R>> | null;
