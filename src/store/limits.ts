import { poolScopeLimit } from "../core/pool-limit.ts";
import type { ScopeLimit } from "../core/scope.ts";
import type { ScopeLimitChange } from "./limit-records.ts";
import type { VersionRecord } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** The pools and tags that a version names, with their slots. */
export function declaredLimits({ manifest }: VersionRecord): readonly ScopeLimit[] {
  const pools = Object.entries(manifest.pools ?? {}).map(([name, limit]) => poolScopeLimit(name, limit));
  const tags = Object.entries(manifest.tagLimits ?? {}).map(([tag, slots]) => ({ name: `tag:${tag}`, slots }));
  const limits = [...pools, ...tags];
  return limits.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** An operator's limit in place of the declared one. What runs goes on; claims see it from now on (CC-5). */
export async function setScopeLimit(
  tx: Transaction,
  { project, name, slots, declared, actor }: ScopeLimitChange,
): Promise<boolean> {
  await tx.closeClaimGate();
  if (declared !== undefined) await tx.declareScopes(project, [declared]);
  if (!(await tx.overrideScope(project, name, slots))) return false;
  const set = new WorkingSet(tx.now);
  set.audit({ project, actor, action: "set_limit", runKey: null, details: JSON.stringify({ scope: name, slots }) });
  await tx.apply(set.changes());
  return true;
}
