import type { Jsonify } from "../core/json.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * What a map goes over: a task whose value is a list, or a list that is known when the pipeline is loaded.
 *
 * @example
 * const regions: MapSource = ["eu", "us"];
 */
export type MapSource = TaskRef<readonly unknown[]> | readonly unknown[];

/**
 * What each copy of a mapped task is for.
 *
 * @example
 * type File = ItemOf<TaskRef<{ path: string }[]>>; // { path: string }
 */
export type ItemOf<M> =
  M extends TaskRef<infer List>
    ? List extends readonly (infer Item)[]
      ? Item
      : never
    : M extends readonly (infer Item)[]
      ? Jsonify<Item>
      : never;

/**
 * What mapped tasks, and members of mapped groups, find in their context beside the rest.
 *
 * @example
 * const name = ({ item, index }: ItemContext<string>): string => `${index}: ${item}`;
 */
export interface ItemContext<Item = unknown> {
  /** The item that this copy is for. */
  readonly item: Item;
  /** Its place in the list, from 0. */
  readonly index: number;
}

/**
 * One copy for each item of a list.
 *
 * @example
 * const options: MapOptions<string[]> = { map: ["eu", "us"], maxParallel: 1 };
 */
export interface MapOptions<M extends MapSource> {
  /** A task that gives a list, or the list itself: one task run for each item, which it finds as `item`. */
  readonly map?: M;
  /** Property of an item that names its task run, such as `"customer.name"`. */
  readonly label?: string;
  /** Task runs of the map that may run at the same time within a run. */
  readonly maxParallel?: number;
  /** What an empty list makes of it; skipped when absent. */
  readonly onEmpty?: "success";
  /** More items than this are an error; 100,000 when absent, 1,000,000 at most. */
  readonly mapLimit?: number;
}
