import type { Jsonify } from "../core/json.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { Serialisable } from "./serialisable.ts";
import type { TaskContext } from "./task-context.ts";
import type { TaskKind } from "./task-kind.ts";
import type { InputOf, Inputs, TaskOptions } from "./task-options.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * No inputs, no parameters: an object without known fields.
 *
 * @example
 * const context: TaskContext<Nothing, { region: string }> = contextOfMyTest;
 */
export type Nothing = Readonly<Record<never, never>>;

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
 */
export interface DefineTask<P = Nothing> {
  <R>(name: string, work: Work<TaskContext<Nothing, P>, R>): TaskRef<Jsonify<Awaited<R>>>;
  <R, I extends Inputs = Nothing, W extends TriggerRule = "all_success", D extends boolean | Promise<boolean> = never>(
    name: string,
    options: TaskOptions<I, W, P, D>,
    work: Work<TaskContext<InputOf<I, W>, P>, R>,
  ): TaskRef<[D] extends [never] ? Jsonify<Awaited<R>> : Jsonify<Awaited<R>> | null>;
}
