import { backfillScope } from "./background-share.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";
import type { GroupSpec, KeyedConcurrency, PipelineSpec, ProjectManifest, TaskSpec } from "./manifest.ts";
import { hoursScope } from "./open-hours.ts";
import { hoursOfPool, poolScopeLimit } from "./pool-limit.ts";
import type { ScopeLimit } from "./scope.ts";
import { seededFraction } from "./seeded-fraction.ts";
import { cursorScope } from "./source-cursor.ts";

/** A scope that limits a task, and what the task takes of it. */
export interface TaskScope extends ScopeLimit {
  readonly weight: number;
}

/** The run a task belongs to, as far as its limits go. */
export interface ScopedRun {
  readonly id: string;
  readonly params: Json;
  /** The backfill it belongs to. */
  readonly backfill?: number;
}

/** What a project says of limits. */
export type ProjectLimits = Pick<ProjectManifest, "pools" | "tagLimits">;

/** Everything that limits a task in a run (CC-1), sorted by name. */
export function scopesOf(
  task: TaskSpec,
  pipeline: PipelineSpec,
  project: ProjectLimits,
  run: ScopedRun,
): readonly TaskScope[] {
  if (task.execution.via === "none") return [];
  const own = `${pipeline.name}/${task.name}`;
  const scopes = [
    run.backfill === undefined ? undefined : { name: backfillScope(run.backfill), weight: 1 },
    limited(`task:${own}`, task.concurrency),
    limited(`pipeline:${pipeline.name}`, pipeline.concurrency),
    limited(`run:${run.id}`, pipeline.runConcurrency),
    limited(`map:${run.id}/${task.name}`, task.map?.maxParallel),
    task.cursor === undefined ? undefined : limited(cursorScope(pipeline.name, task.cursor.name), 1),
    ...groupScopes(task, pipeline, run),
    ...tagScopes(task, pipeline, project),
    ...(task.pools ?? []).map(({ name, slots }) => poolScope(name, slots, project)),
    ...(task.keyed === undefined ? [] : [keyScope(own, task.keyed, run)]),
    ...hoursScopes(task, pipeline, project),
    ...(task.rateLimit === undefined ? [] : [{ name: `rate:${own}`, rate: task.rateLimit, weight: 1 }]),
  ];
  return scopes.filter((scope) => scope !== undefined).sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A group limits its members, and those of the groups in it; so does its map. */
function groupScopes({ group }: TaskSpec, { groups = [] }: PipelineSpec, { id }: ScopedRun) {
  const around: GroupSpec[] = [];
  for (let spec = at(groups, group); spec !== undefined; spec = at(groups, spec.parent)) around.push(spec);
  return around.flatMap(({ name, concurrency, map }) => [
    limited(`group:${id}/${name}`, concurrency),
    limited(`map:${id}/${name}`, map?.maxParallel),
  ]);
}

function at(groups: readonly GroupSpec[], index: number | undefined): GroupSpec | undefined {
  return index === undefined ? undefined : groups[index];
}

function tagScopes(task: TaskSpec, pipeline: PipelineSpec, { tagLimits = {} }: ProjectLimits) {
  const tags = new Set([...(task.tags ?? []), ...pipeline.tags]);
  return [...tags].map((tag) => limited(`tag:${tag}`, Object.hasOwn(tagLimits, tag) ? tagLimits[tag] : undefined));
}

/** Of the task, its pipeline and its pools: those that are equal count once. */
function hoursScopes(task: TaskSpec, pipeline: PipelineSpec, { pools = {} }: ProjectLimits): readonly TaskScope[] {
  const ofPools = (task.pools ?? []).map(({ name }) =>
    hoursOfPool(Object.hasOwn(pools, name) ? pools[name] : undefined),
  );
  const all = [task.runOnlyBetween, pipeline.runOnlyBetween, ...ofPools].filter((hours) => hours !== undefined);
  return [...new Set(all.map(hoursScope))].map((name) => ({ name, weight: 1 }));
}

/** A pool that the project does not name limits nothing, but counts: an operator may limit it. */
function poolScope(name: string, weight: number, { pools = {} }: ProjectLimits): TaskScope {
  return { ...poolScopeLimit(name, Object.hasOwn(pools, name) ? pools[name] : undefined), weight };
}

/** A parameter that is not there is a value like any other. */
function keyScope(own: string, { key, limit, overflow }: KeyedConcurrency, { params }: ScopedRun): TaskScope {
  const value = canonicalJson(parameterAt(params, key.split(".").slice(1)) ?? null);
  return { name: `key:${own}:${shortened(value)}`, slots: limit, overflow, weight: 1 };
}

/** Names are kept in an index, where a long value has no room; what follows its beginning tells it from others. */
function shortened(value: string): string {
  if (value.length <= KEY_CHARACTERS_MAX) return value;
  return `${value.slice(0, KEY_CHARACTERS_MAX)}…${seededFraction(value).toString(36).slice(2)}`;
}

const KEY_CHARACTERS_MAX = 100;

function parameterAt(params: Json, path: readonly string[]): Json | undefined {
  let value: Json | undefined = params;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [name: string]: Json })[name];
  }
  return value;
}

function limited(name: string, slots: number | undefined): TaskScope | undefined {
  return slots === undefined ? undefined : { name, slots, weight: 1 };
}
