import type { SourceLocation } from "../core/manifest.ts";

declare const value: unique symbol;

/**
 * A task that has been defined, and the type of the value its dependants receive. Made by `task(...)`; given to the
 * `input` and `after` of later tasks.
 *
 * @example
 * const orders: TaskRef<{ id: string }[]> = task("extract_orders", () => [{ id: "a" }]);
 * task("count_orders", { input: { orders } }, ({ input }) => input.orders.length);
 */
export interface TaskRef<T = unknown> {
  readonly batuta: "task";
  readonly name: string;
  readonly pipeline: string;
  readonly location: SourceLocation;
  readonly [value]?: T;
}

export function isTaskRef(candidate: unknown): candidate is TaskRef {
  return typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "task";
}
