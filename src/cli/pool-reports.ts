import type { Instant } from "../core/instant.ts";
import type { Hold } from "../core/lane.ts";
import { hoursScope } from "../core/open-hours.ts";
import { hoursOfPool, type PoolLimit, poolScopeLimit } from "../core/pool-limit.ts";
import type { ScopeLimit } from "../core/scope.ts";
import type { Project } from "../execution/project/find-project.ts";
import type { LaneRecord, ScopeRecord } from "../store/limit-records.ts";
import type { Store } from "../store/store.ts";

/** A pool or the limit of a tag, as programs read it. */
export interface PoolReport {
  /** `warehouse`, `tag:heavy` */
  readonly name: string;
  /** Its name in the store. */
  readonly scope: string;
  /** In force; null = no limit. */
  readonly slots: number | null;
  /** What the project says. */
  readonly declared: number | null;
  /** What an operator has set. */
  readonly override: number | null;
  /** Task runs that wait within their attempt keep their slots of it. */
  readonly countDeferred?: true;
  /** Tasks of it start only then: `UTC 22:00-06:00`. */
  readonly runOnlyBetween?: string;
  readonly used: number;
  /** Ready task runs that it holds back. */
  readonly waiting: number;
  /** Ready task runs that take slots of it and may not start at this hour, whether it has slots or not. */
  readonly waitingForHours?: number;
  /** When the first of them may; absent where their hours never come. */
  readonly hoursOpenAt?: Instant;
}

interface PoolPlace {
  readonly store: Pick<Store, "scopes" | "lanes">;
  readonly project: Pick<Project, "name"> & { readonly settings: Pick<Project["settings"], "pools" | "tagLimits"> };
}

/** All pools and tags with a limit: those of `batuta.json`, and those that the store knows from tasks. */
export async function poolReports({ store, project }: PoolPlace): Promise<readonly PoolReport[]> {
  const { pools, tagLimits } = project.settings;
  const said = [
    ...Object.entries(pools).map(([name, limit]) => poolScopeLimit(name, limit)),
    ...Object.entries(tagLimits).map(([tag, slots]) => ({ name: `tag:${tag}`, slots })),
  ];
  const declared = new Map(said.map((limit) => [limit.name, limit]));
  const known = [...(await store.scopes(project.name, "pool:")), ...(await store.scopes(project.name, "tag:"))];
  const lanes = (await store.lanes()).filter(({ key }) => key.project === project.name);
  const byName = new Map(known.map((scope) => [scope.name, scope]));
  return [...new Set([...declared.keys(), ...byName.keys()])].sort().map((scope) => ({
    ...reportOf(scope, declared.get(scope), byName.get(scope), lanes),
    ...hoursOf(pools[poolName(scope)]),
  }));
}

function hoursOf(limit: PoolLimit | undefined): Pick<PoolReport, "runOnlyBetween"> {
  const hours = hoursOfPool(limit);
  return hours === undefined ? {} : { runOnlyBetween: hoursScope(hours).replace(/^hours:/, "") };
}

function poolName(scope: string): string {
  return scope.replace(/^pool:/, "");
}

function reportOf(
  scope: string,
  declared: ScopeLimit | undefined,
  known: ScopeRecord | undefined,
  lanes: readonly LaneRecord[],
): PoolReport {
  const override = known?.override ?? null;
  const said = declared?.slots ?? known?.declared ?? null;
  return {
    name: poolName(scope),
    scope,
    slots: override ?? said,
    declared: said,
    override,
    ...((declared ?? known)?.countDeferred === true ? { countDeferred: true } : {}),
    used: known?.used ?? 0,
    waiting: waitingIn(lanes.filter((lane) => isHeldBy(lane, scope) && closedHours(lane).length === 0)),
    ...hoursAwaited(lanes.filter(({ key }) => key.scopes.some(({ name }) => name === scope))),
  };
}

function hoursAwaited(lanes: readonly LaneRecord[]): Pick<PoolReport, "waitingForHours" | "hoursOpenAt"> {
  const closed = lanes.filter((lane) => closedHours(lane).length > 0);
  // Who waits for several begins when the last of them open.
  const opens = closed.map((lane) => Math.max(...closedHours(lane).map(({ opensAt = NEVER }) => opensAt)));
  const first = Math.min(...opens);
  if (closed.length === 0) return {};
  return { waitingForHours: waitingIn(closed), ...(first === NEVER ? {} : { hoursOpenAt: first }) };
}

const NEVER = Number.POSITIVE_INFINITY;

function closedHours({ holds }: LaneRecord): readonly Extract<Hold, { kind: "hours" }>[] {
  return holds.filter((hold) => hold.kind === "hours");
}

function waitingIn(lanes: readonly LaneRecord[]): number {
  return lanes.reduce((sum, { waiting }) => sum + waiting, 0);
}

function isHeldBy({ holds }: LaneRecord, scope: string): boolean {
  return holds.some((hold) => "scope" in hold && hold.scope === scope);
}
