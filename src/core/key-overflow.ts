import type { Hold, LaneView } from "./lane.ts";
import type { KeyOverflowing, ScopeView } from "./scope.ts";

/** Lanes that are held by a key that is to be had at once or not at all. A key that is closed is waited for. */
export function overflowing(
  held: readonly { readonly lane: LaneView; readonly waiting: number; readonly holds: readonly Hold[] }[],
  scopes: readonly ScopeView[],
): readonly KeyOverflowing[] {
  const kinds = new Map(scopes.map(({ name, overflow }) => [name, overflow]));
  return held.flatMap(({ lane, waiting, holds }) => {
    if (lane.paused) return [];
    for (const hold of holds) {
      const kind = hold.kind === "slots" && hold.slots > 0 ? kinds.get(hold.scope) : undefined;
      if (hold.kind === "slots" && kind !== undefined && kind !== "queue") {
        return [{ laneId: lane.id, scope: hold.scope, kind, waiting }];
      }
    }
    return [];
  });
}
