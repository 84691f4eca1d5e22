import { isJunction } from "./junction.ts";
import type { TaskSpec } from "./manifest.ts";

/** A task as people see it in a graph. */
export interface VisibleTask {
  /** Index in the manifest. */
  readonly index: number;
  /** Indexes in the manifest of the visible tasks that it follows, ascending. */
  readonly upstream: readonly number[];
}

/**
 * The graph without its junctions: an edge that leads over one leads to what the junction waits for. Of a junction over
 * much work only the last tasks of that work are named, and a group's first tasks follow what the group follows.
 */
export function visibleGraph(tasks: readonly TaskSpec[]): readonly VisibleTask[] {
  const followed: (readonly number[])[] = [];
  for (const task of tasks) followed.push(followedBy(task, { tasks, followed }));
  return tasks.flatMap((task, index) => (isJunction(task) ? [] : [{ index, upstream: followed[index] ?? [] }]));
}

interface Done {
  readonly tasks: readonly TaskSpec[];
  /** What the tasks so far follow, junctions included. */
  readonly followed: readonly (readonly number[])[];
}

function followedBy(task: TaskSpec, { tasks, followed }: Done): readonly number[] {
  const start = startOf(task, tasks);
  const direct = task.upstream.flatMap((from) => shownFor(from, { tasks, followed }));
  // What follows a member of its group comes after the start of that group in any case.
  const isFirst = start !== undefined && !direct.some((from) => tasks[from]?.gates?.includes(start));
  const all = new Set(isFirst ? [...direct, ...shownFor(start, { tasks, followed })] : direct);
  const ascending = [...all].sort((one, other) => one - other);
  const leadsOverJunction =
    isFirst || all.size !== task.upstream.length || task.upstream.some((from) => !all.has(from));
  return leadsOverJunction ? lastOnes(ascending, followed) : ascending;
}

function shownFor(index: number, { tasks, followed }: Done): readonly number[] {
  const task = tasks[index];
  return task !== undefined && isJunction(task) ? (followed[index] ?? []) : [index];
}

function startOf({ gates = [] }: TaskSpec, tasks: readonly TaskSpec[]): number | undefined {
  return gates.find((gate) => tasks[gate]?.name.endsWith("/start"));
}

/** Those that none of the others follows. */
function lastOnes(indexes: readonly number[], followed: Done["followed"]): readonly number[] {
  const before = new Set(indexes.flatMap((index) => followed[index] ?? []));
  return indexes.filter((index) => !before.has(index));
}
