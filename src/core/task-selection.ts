import type { TaskGraph } from "./graph.ts";
import { partsOfGroup } from "./group-parts.ts";
import type { PipelineSpec } from "./manifest.ts";
import { depthOfPath, type MapPath, outerPath } from "./map-path.ts";

/** What a person names: a task, or a group with all in it; of mapped ones perhaps the task runs of one item alone. */
export interface TaskSelector {
  readonly name: string;
  /** `3`, `3.7`: this task run, and those of nested maps below it. Absent = all. */
  readonly mapKey?: string;
}

/** Where a selection goes on from what was named. */
export interface SelectionReach {
  /** Everything it hangs on as well. */
  readonly upstream?: boolean;
  /** Everything that hangs on it as well. */
  readonly downstream?: boolean;
}

/** Task index -> paths of items; a path stands for all below it, the empty one for all. */
export type TaskSelection = ReadonlyMap<number, ReadonlySet<MapPath>>;

interface Pipeline {
  readonly spec: PipelineSpec;
  readonly graph: TaskGraph;
}

/** The tasks that selectors name in this version of a pipeline; those it does not know are given back. */
export function selectTasks(
  spec: PipelineSpec,
  selectors: readonly TaskSelector[],
): { readonly selection: TaskSelection; readonly unknown: readonly string[] } {
  const selection = new Selection();
  const unknown: string[] = [];
  for (const { name, mapKey = "" } of selectors) {
    const indexes = tasksNamed(spec, name);
    if (indexes.length === 0) unknown.push(name);
    for (const index of indexes) selection.add(index, mapKey);
  }
  return { selection: selection.paths, unknown };
}

export function selectsTaskRun(
  selection: TaskSelection,
  { taskIndex, mapKey }: { readonly taskIndex: number; readonly mapKey: MapPath },
): boolean {
  const paths = selection.get(taskIndex);
  if (paths === undefined) return false;
  // A path, and those around it: as many look-ups as the maps it has gone through.
  for (let levels = depthOfPath(mapKey); levels >= 0; levels--) if (paths.has(outerPath(mapKey, levels))) return true;
  return false;
}

/** With everything upstream, or downstream, or both; what gates hold back included. Within a map it stays at its item. */
export function extendSelection(
  { graph }: Pipeline,
  selection: TaskSelection,
  { upstream = false, downstream = false }: SelectionReach,
): TaskSelection {
  const extended = new Selection(selection);
  if (upstream) reach(extended, graph, selection, [graph.upstream, graph.gates]);
  if (downstream) reach(extended, graph, selection, [graph.dependants, graph.gated]);
  return extended.paths;
}

/** What hangs on any of these directly, and what they are gates of. */
export function directlyBehind({ graph }: Pipeline, selection: TaskSelection): TaskSelection {
  const behind = new Selection();
  for (const [index, paths] of selection) {
    for (const next of [...(graph.dependants[index] ?? []), ...(graph.gated[index] ?? [])]) {
      const shared = graph.levels.shared(index, next);
      for (const path of paths) behind.add(next, outerPath(path, shared));
    }
  }
  return behind.paths;
}

/**
 * With what has to go along with any of it: the set-ups and the tear-down of its scope (SU-2), the junction that says how
 * a group has ended, and the members of a mapped group that is expanded anew.
 */
export function withCompanions({ spec, graph }: Pipeline, selection: TaskSelection): TaskSelection {
  const extended = new Selection(selection);
  for (const { from, to } of companions(spec, graph)) {
    const shared = graph.levels.shared(from, to);
    for (const path of selection.get(from) ?? []) extended.add(to, outerPath(path, shared));
  }
  for (const [group, { start, map }] of (spec.groups ?? []).entries()) {
    const paths = map === undefined || start === undefined ? undefined : selection.get(start);
    if (paths === undefined) continue;
    for (const member of partsOfGroup(spec, group)) for (const path of paths) extended.add(member, path);
  }
  return extended.paths;
}

interface Companion {
  readonly from: number;
  readonly to: number;
}

function companions(spec: PipelineSpec, graph: TaskGraph): readonly Companion[] {
  const ofTeardowns = spec.tasks.flatMap(({ cleanup }, teardown): readonly Companion[] => {
    if (cleanup === undefined) return [];
    const { setups, work } = cleanup;
    const along = [...setups, teardown, ...junctionsBefore(spec, graph, teardown)];
    return [teardown, ...setups, ...work].flatMap((from) => along.map((to) => ({ from, to })));
  });
  const ofGroups = (spec.groups ?? []).flatMap(({ end }, group): readonly Companion[] =>
    end === undefined ? [] : partsOfGroup(spec, group).map((from) => ({ from, to: end })),
  );
  return [...ofTeardowns, ...ofGroups];
}

class Selection {
  readonly paths = new Map<number, Set<MapPath>>();

  constructor(from: TaskSelection = new Map()) {
    for (const [index, paths] of from) this.paths.set(index, new Set(paths));
  }

  /** Whether it is new. */
  add(index: number, path: MapPath): boolean {
    const known = this.paths.get(index);
    if (known === undefined) this.paths.set(index, new Set([path]));
    else if (known.has(path)) return false;
    else known.add(path);
    return true;
  }
}

/** Hop by hop: what leaves a map on the way comes back to all of its items. */
function reach(
  extended: Selection,
  { levels }: TaskGraph,
  from: TaskSelection,
  edges: readonly TaskGraph["upstream"][],
): void {
  const seen = new Selection(from);
  const open = [...from].flatMap(([index, paths]) => [...paths].map((path) => ({ index, path })));
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    const { index, path } = step;
    for (const next of edges.flatMap((of) => of[index] ?? [])) {
      const reached = outerPath(path, levels.shared(index, next));
      if (!seen.add(next, reached)) continue;
      extended.add(next, reached);
      open.push({ index: next, path: reached });
    }
  }
}

function tasksNamed(spec: PipelineSpec, name: string): readonly number[] {
  const index = spec.tasks.findIndex((task) => task.name === name);
  if (index >= 0) return [index];
  const group = spec.groups?.findIndex((candidate) => candidate.name === name) ?? -1;
  return group < 0 ? [] : partsOfGroup(spec, group);
}

/** Junctions that a tear-down hangs on are its own. */
function junctionsBefore(spec: PipelineSpec, graph: TaskGraph, teardown: number): readonly number[] {
  return (graph.upstream[teardown] ?? []).filter((index) => spec.tasks[index]?.execution.via === "none");
}
