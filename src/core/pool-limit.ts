import type { OpenHours } from "./open-hours.ts";
import type { ScopeLimit } from "./scope.ts";

/**
 * What a project says of a pool: its slots, 0 = closed, whether those that wait within an attempt keep theirs, and the
 * hours within which its tasks may start.
 */
export type PoolLimit =
  | number
  | { readonly slots: number; readonly countDeferred?: boolean; readonly runOnlyBetween?: OpenHours };

export function hoursOfPool(limit: PoolLimit | undefined): OpenHours | undefined {
  return typeof limit === "object" ? limit.runOnlyBetween : undefined;
}

export function slotsOfPool(limit: PoolLimit): number {
  return typeof limit === "number" ? limit : limit.slots;
}

/** The limit of the scope that a pool is; one that the project does not name has none. */
export function poolScopeLimit(name: string, limit: PoolLimit | undefined): ScopeLimit {
  const scope = { name: `pool:${name}` };
  if (limit === undefined) return scope;
  const countsDeferred = typeof limit !== "number" && limit.countDeferred === true;
  return { ...scope, slots: slotsOfPool(limit), ...(countsDeferred ? { countDeferred: true } : {}) };
}
