import type { DefineBranch, DefineShortCircuit } from "./define-branch.ts";
import type { DefineTask } from "./define-task.ts";
import type { GroupOptions } from "./group-options.ts";
import type { GroupRef, OutsideMap } from "./group-ref.ts";
import type { ItemContext, ItemOf, MapSource } from "./map-options.ts";
import type { Nothing } from "./nothing.ts";

/**
 * What the build function of a pipeline or a group receives. A function of it can be called, or given to `group`, as
 * often as there is use for its tasks.
 *
 * @example
 * function addReport({ task }: PipelineBuilder): void {
 *   task("report", () => "done");
 * }
 */
export interface PipelineBuilder<P = Nothing, X = Nothing> {
  readonly task: DefineTask<P, X>;
  readonly branch: DefineBranch<P, X>;
  readonly shortCircuit: DefineShortCircuit<P, X>;
  readonly group: DefineGroup<P, X>;
}

/**
 * Defines a group: tasks with a name space of their own, that can be waited for, chosen, run again and mapped as one. It
 * receives the same functions as a pipeline, so groups nest, and the same function can make several groups. With `map`
 * there is one copy of all members for each item, and each copy goes ahead on its own.
 *
 * @example
 * const load = group("load", { map: files, maxParallel: 4, retries: 2 }, ({ task }) => {
 *   const rows = task("fetch", ({ item }) => fetchRows(item));
 *   return { stored: task("store", { input: { rows } }, ({ input }) => store(input.rows)) };
 * });
 * task("report", { input: { stored: load.result.stored } }, async ({ input }) => (await input.stored.toArray()).length);
 */
export interface DefineGroup<P = Nothing, X = Nothing> {
  <R>(name: string, build: (builder: PipelineBuilder<P, X>) => R): GroupRef<R>;
  <R, M extends MapSource = never>(
    name: string,
    options: GroupOptions<M>,
    build: (builder: PipelineBuilder<P, [M] extends [never] ? X : ItemContext<ItemOf<M>>>) => R,
  ): GroupRef<[M] extends [never] ? R : OutsideMap<R>>;
}
