import type { SourceLocation, TaskSpec } from "./manifest.ts";
import { BatutaError } from "./problem.ts";

/** Who waits for whom, by task index. */
export interface TaskGraph {
  readonly upstream: readonly (readonly number[])[];
  readonly dependants: readonly (readonly number[])[];
}

/** A task as it is written, before it has an index. */
export interface NamedTask {
  readonly name: string;
  readonly upstream: readonly string[];
  readonly location: SourceLocation;
}

/** The graph of a compiled pipeline. */
export function graphOf(pipeline: { readonly tasks: readonly Pick<TaskSpec, "upstream">[] }): TaskGraph {
  const dependants: number[][] = pipeline.tasks.map(() => []);
  for (const [index, task] of pipeline.tasks.entries()) {
    for (const upstream of task.upstream) dependants[upstream]?.push(index);
  }
  return { upstream: pipeline.tasks.map((task) => task.upstream), dependants };
}

/** Every task that hangs on one of these, directly or not, ascending; these themselves only when they do. */
export function descendants(graph: TaskGraph, of: Iterable<number>): readonly number[] {
  const found = new Set<number>();
  const open = [...of];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const dependant of graph.dependants[index] ?? []) {
      if (found.has(dependant)) continue;
      found.add(dependant);
      open.push(dependant);
    }
  }
  return [...found].sort((one, other) => one - other);
}

/**
 * Names of the tasks in an order in which every upstream comes before its dependants; else as written. Throws
 * `invalid_definition` for a name given twice, an upstream that does not exist, and a cycle, whose path it prints.
 */
export function sortTasks(tasks: readonly NamedTask[]): readonly string[] {
  const byName = indexByName(tasks);
  for (const task of tasks) for (const upstream of task.upstream) requireKnown(task, upstream, byName);
  return depthFirst(tasks, byName);
}

function indexByName(tasks: readonly NamedTask[]): ReadonlyMap<string, NamedTask> {
  const byName = new Map<string, NamedTask>();
  for (const task of tasks) {
    const first = byName.get(task.name);
    if (first !== undefined) {
      throw new BatutaError("invalid_definition", `Two tasks are named "${task.name}".`, {
        location: task.location,
        hint: `The first is at ${first.location.file}:${first.location.line}. Give one of them another name.`,
      });
    }
    byName.set(task.name, task);
  }
  return byName;
}

function requireKnown(task: NamedTask, upstream: string, byName: ReadonlyMap<string, NamedTask>): void {
  if (byName.has(upstream)) return;
  throw new BatutaError("invalid_definition", `Task "${task.name}" waits for "${upstream}", which does not exist.`, {
    location: task.location,
    hint: `Tasks of this pipeline: ${[...byName.keys()].slice(0, 20).join(", ")}.`,
  });
}

/** Depth first with a stack of its own: a chain of 10,000 tasks must not exhaust the call stack. */
function depthFirst(tasks: readonly NamedTask[], byName: ReadonlyMap<string, NamedTask>): readonly string[] {
  const sorted: string[] = [];
  const state = new Map<string, "open" | "done">();
  for (const root of tasks) {
    const path: { readonly task: NamedTask; next: number }[] = [];
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const upstream = top.task.upstream[top.next];
      top.next += 1;
      if (upstream === undefined) leave();
      else if (state.get(upstream) === "open")
        throw cycle(
          path.map(({ task }) => task),
          upstream,
        );
      else enter(byName.get(upstream));
    }
    function enter(task: NamedTask | undefined): void {
      if (task === undefined || state.has(task.name)) return;
      state.set(task.name, "open");
      path.push({ task, next: 0 });
    }
    function leave(): void {
      const finished = path.pop();
      if (finished === undefined) return;
      state.set(finished.task.name, "done");
      sorted.push(finished.task.name);
    }
  }
  return sorted;
}

/** The path in the direction of the data: from a task to the one that waits for it, and round to itself. */
function cycle(path: readonly NamedTask[], back: string): BatutaError {
  const start = path.findIndex((task) => task.name === back);
  const names = path
    .slice(start)
    .map((task) => task.name)
    .reverse();
  const round = [...names, names[0]].join(" → ");
  const location = path.at(-1)?.location;
  return new BatutaError("invalid_definition", `These tasks wait for each other in a circle: ${round}.`, {
    ...(location === undefined ? {} : { location }),
    hint: "Take one of these dependencies out.",
  });
}
