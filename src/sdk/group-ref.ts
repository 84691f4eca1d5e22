import type { Mapped } from "../core/mapped.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { TaskRef } from "./task-ref.ts";

/**
 * A group that has been defined, and what its function returned. Made by `group(...)`; given to the `after` of later
 * tasks and groups.
 *
 * @example
 * const load: GroupRef<{ orders: TaskRef<number> }> = group("load", ({ task }) => ({ orders: task("orders", () => 1) }));
 * task("report", { after: load, input: { orders: load.result.orders } }, ({ input }) => input.orders);
 */
export interface GroupRef<R = unknown> {
  readonly batuta: "group";
  readonly name: string;
  readonly pipeline: string;
  readonly location: SourceLocation;
  /** What the group's function returned, its members for instance. */
  readonly result: R;
}

/**
 * What the function of a mapped group returned, as tasks outside see it: there are many copies of each member.
 *
 * @example
 * type Outside = OutsideMap<{ size: TaskRef<number> }>; // { size: TaskRef<Mapped<number>> }
 */
export type OutsideMap<R> =
  R extends TaskRef<infer T>
    ? TaskRef<Mapped<T>>
    : R extends GroupRef<infer Inner>
      ? GroupRef<OutsideMap<Inner>>
      : R extends object
        ? { readonly [Key in keyof R]: OutsideMap<R[Key]> }
        : R;

export function isGroupRef(candidate: unknown): candidate is GroupRef {
  return typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "group";
}
