import type { GroupSpec, MapSpec } from "./manifest.ts";

interface GatedTask {
  readonly gates?: readonly number[];
  readonly group?: number;
  readonly map?: MapSpec;
}

/**
 * The gates of each task, ascending. What holds back a member of a mapped group from outside holds back the start of
 * that group instead: nothing is expanded before all of it may go on.
 */
export function gateEdges(tasks: readonly GatedTask[], groups: readonly GroupSpec[]): readonly (readonly number[])[] {
  if (!groups.some(({ map }) => map !== undefined)) return tasks.map(({ gates }) => gates ?? []);
  const lifted = tasks.map(() => new Set<number>());
  for (const [index, { gates }] of tasks.entries()) {
    for (const gate of gates ?? []) lifted[heldBack(index, gate, { tasks, groups })]?.add(gate);
  }
  return lifted.map((gates) => [...gates].sort((one, other) => one - other));
}

interface GroupedTasks {
  readonly tasks: readonly GatedTask[];
  readonly groups: readonly GroupSpec[];
}

function heldBack(index: number, gate: number, { tasks, groups }: GroupedTasks): number {
  const around = (of: number): readonly number[] => groupsAround(of, tasks, groups);
  const outside = around(gate);
  // From the outermost group inward: the first mapped one that the gate does not stand in.
  for (const group of [...around(index)].reverse()) {
    const { map, start } = groups[group] ?? {};
    if (map !== undefined && start !== undefined && start !== gate && !outside.includes(group)) return start;
  }
  return index;
}

/** From the innermost outward. The junctions of a group stand outside of it. */
function groupsAround(index: number, tasks: readonly GatedTask[], groups: readonly GroupSpec[]): readonly number[] {
  const own = groups.findIndex(({ start, end }) => start === index || end === index);
  const found: number[] = [];
  for (
    let group = own < 0 ? tasks[index]?.group : groups[own]?.parent;
    group !== undefined;
    group = groups[group]?.parent
  ) {
    found.push(group);
  }
  return found;
}
