import { closestName } from "./closest-name.ts";
import { gateEdges } from "./gate-edges.ts";
import { withoutJunction } from "./junction-name.ts";
import type { GroupSpec, MapSpec } from "./manifest.ts";
import { MapLevels } from "./map-levels.ts";
import { BatutaError } from "./problem.ts";
import type { SourceLocation } from "./source-location.ts";

/** A task as its author wrote it: upstream by name. */
export interface NamedTask {
  readonly name: string;
  readonly upstream: readonly string[];
  readonly location: SourceLocation;
}

export interface OrderedTasks {
  /** Positions in the given list: upstream before dependants, in the order of definition wherever that allows it. */
  readonly order: readonly number[];
  /** For each entry of `order`, its direct upstream as positions in `order`, ascending and without doubles. */
  readonly upstream: readonly (readonly number[])[];
}

/** How tasks hang together. Indexes are those of the manifest, where upstream comes before its dependants. */
export interface TaskGraph {
  readonly upstream: readonly (readonly number[])[];
  readonly dependants: readonly (readonly number[])[];
  /** Tasks that must have let a task through before its rule is asked. */
  readonly gates: readonly (readonly number[])[];
  /** Tasks that a task is a gate of. */
  readonly gated: readonly (readonly number[])[];
  /** Dependants, and what a task is a gate of: all that has to be decided anew when it is. */
  readonly followers: readonly (readonly number[])[];
  readonly levels: MapLevels;
  /** The group that a junction is the end of. */
  readonly endOf: ReadonlyMap<number, GroupSpec>;
  /** Everything that hangs on a task, directly or not, ascending; without the task itself. */
  descendants(index: number): readonly number[];
}

/** Names of a long cycle that an error prints; the middle is left out. */
const CYCLE_NAMES_MAX = 20;

/**
 * Puts tasks in an order in which they can run. Throws `invalid_definition` on a name used twice, an upstream that does
 * not exist, and a cycle, of which it prints the path. Linear in tasks and edges, without recursion.
 */
export function buildGraph(tasks: readonly NamedTask[]): OrderedTasks {
  const positions = positionsByName(tasks);
  const upstream = tasks.map((task) => task.upstream.map((name) => upstreamPosition(task, name, positions)));
  const order = topologicalOrder(tasks, upstream);
  const rank = new Array<number>(tasks.length).fill(0);
  for (const [index, position] of order.entries()) rank[position] = index;
  return {
    order,
    upstream: order.map((position) => ascending(new Set((upstream[position] ?? []).map((up) => rank[up] ?? 0)))),
  };
}

export interface GraphSource {
  readonly tasks: readonly {
    readonly upstream: readonly number[];
    readonly gates?: readonly number[];
    readonly group?: number;
    readonly map?: MapSpec;
  }[];
  readonly groups?: readonly GroupSpec[];
}

export function graphOf({ tasks, groups = [] }: GraphSource): TaskGraph {
  const upstream = tasks.map((task) => task.upstream);
  const gates = gateEdges(tasks, groups);
  const dependants = reversed(upstream);
  const isGated = gates.some((before) => before.length > 0);
  const followers = isGated ? reversed(upstream.map((direct, index) => union(direct, gates[index]))) : dependants;
  return {
    upstream,
    dependants,
    gates,
    gated: reversed(gates),
    followers,
    levels: new MapLevels(tasks, groups),
    endOf: new Map(groups.flatMap((group) => (group.end === undefined ? [] : [[group.end, group]]))),
    descendants: (index) => descendantsOf(followers, [index]),
  };
}

function union(one: readonly number[], other: readonly number[] = []): readonly number[] {
  return other.length === 0 ? one : [...new Set([...one, ...other])];
}

function reversed(edges: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const back: number[][] = edges.map(() => []);
  for (const [index, froms] of edges.entries()) for (const from of froms) back[from]?.push(index);
  return back;
}

/** Everything that hangs on any of the given tasks, ascending. A given task is included only if it hangs on another. */
export function descendantsOf(dependants: TaskGraph["dependants"], roots: readonly number[]): readonly number[] {
  const found = new Set<number>();
  const open = [...roots];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const dependant of dependants[index] ?? []) {
      if (found.has(dependant)) continue;
      found.add(dependant);
      open.push(dependant);
    }
  }
  return ascending(found);
}

function positionsByName(tasks: readonly NamedTask[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  for (const [position, { name, location }] of tasks.entries()) {
    const first = tasks[positions.get(name) ?? -1];
    if (first !== undefined) {
      throw new BatutaError(
        "invalid_definition",
        `Two tasks are called "${name}"; the first one is defined at ${at(first.location)}.`,
        { location, hint: "Give one of them another name: names are unique within a pipeline." },
      );
    }
    positions.set(name, position);
  }
  return positions;
}

function upstreamPosition(task: NamedTask, name: string, positions: ReadonlyMap<string, number>): number {
  const position = positions.get(name);
  if (position !== undefined) return position;
  const meant = closestName(name, positions.keys());
  throw new BatutaError("invalid_definition", `Task "${task.name}" waits for "${name}", which is no task here.`, {
    location: task.location,
    hint: meant === undefined ? "Define that task in the same pipeline." : `Did you mean "${meant}"?`,
  });
}

/** Visits tasks as defined, each one's upstream first, on a stack of its own: chains may be 10,000 long. */
function topologicalOrder(tasks: readonly NamedTask[], upstream: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const visits = new Array<"open" | "done" | undefined>(tasks.length);
  for (const start of tasks.keys()) {
    if (visits[start] === "done") continue;
    visits[start] = "open";
    const path = [{ position: start, next: 0 }];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const up = upstream[step.position]?.[step.next];
      step.next += 1;
      if (up === undefined) {
        visits[step.position] = "done";
        order.push(step.position);
        path.pop();
      } else if (visits[up] === "open") {
        throw cycleError(tasks, cycleFrom(path, up));
      } else if (visits[up] === undefined) {
        visits[up] = "open";
        path.push({ position: up, next: 0 });
      }
    }
  }
  return order;
}

/** The part of the path that closes at `up`, turned into the direction in which work flows. */
function cycleFrom(path: readonly { readonly position: number }[], up: number): readonly number[] {
  const positions = path.map((step) => step.position);
  const cycle = positions.slice(positions.indexOf(up)).reverse();
  const first = cycle.indexOf(cycle.reduce((least, position) => Math.min(least, position)));
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}

function cycleError(tasks: readonly NamedTask[], cycle: readonly number[]): BatutaError {
  const names = [...cycle, ...cycle.slice(0, 1)].map((position) => withoutJunction(tasks[position]?.name ?? ""));
  const details = { hint: "Take away one of these edges: no task can wait for itself, however far round." };
  const location = tasks[cycle[0] ?? -1]?.location;
  return new BatutaError(
    "invalid_definition",
    `Tasks wait for each other in a circle: ${shortened(names).join(" → ")}.`,
    location === undefined ? details : { ...details, location },
  );
}

function shortened(names: readonly string[]): readonly string[] {
  if (names.length <= CYCLE_NAMES_MAX) return names;
  const half = CYCLE_NAMES_MAX / 2;
  return [...names.slice(0, half), `… ${names.length - CYCLE_NAMES_MAX} more …`, ...names.slice(-half)];
}

function ascending(indexes: Iterable<number>): number[] {
  return [...indexes].sort((one, other) => one - other);
}

function at({ file, line }: SourceLocation): string {
  return `${file}:${line}`;
}
