import type { GroupSpec, MapSpec } from "./manifest.ts";

interface LeveledTask {
  readonly group?: number;
  readonly map?: MapSpec;
}

/** The maps that each task stands in, from the outermost inward, its own last. */
export class MapLevels {
  /** False spares all that follows: nothing is mapped. */
  readonly isMapped: boolean;
  readonly #levels: readonly (readonly string[])[];
  readonly #starts: ReadonlyMap<number, number>;
  readonly #startOf: ReadonlyMap<number, number>;
  readonly #tasks: readonly LeveledTask[];

  constructor(tasks: readonly LeveledTask[], groups: readonly GroupSpec[]) {
    const junctions = junctionsOf(groups);
    this.isMapped = tasks.some(({ map }) => map !== undefined) || groups.some(({ map }) => map !== undefined);
    this.#tasks = tasks;
    this.#starts = new Map(
      groups.flatMap(({ start, map }, index) => (start !== undefined && map ? [[start, index]] : [])),
    );
    this.#startOf = new Map([...this.#starts].map(([start, group]) => [group, start]));
    this.#levels = this.isMapped
      ? tasks.map((task, index) => {
          const around = junctions.get(index);
          const levels = levelsOfGroup(around === undefined ? task.group : groups[around]?.parent, groups);
          return task.map === undefined ? levels : [...levels, `task ${index}`];
        })
      : [];
  }

  /** How many maps a task run of this task that has been expanded all the way stands in. */
  depth(index: number): number {
    return this.#levels[index]?.length ?? 0;
  }

  /** How many maps two tasks stand in together: so far the paths of their task runs must agree. */
  shared(one: number, other: number): number {
    if (!this.isMapped) return 0;
    const left = this.#levels[one] ?? [];
    const right = this.#levels[other] ?? [];
    let count = 0;
    while (count < left.length && left[count] === right[count]) count += 1;
    return count;
  }

  /** The task whose task runs make those of an item: the start of the group, or the mapped task itself. */
  headerOf(index: number, level: number): number {
    const [kind, number] = this.#levels[index]?.[level - 1]?.split(" ") ?? [];
    return kind === "task" ? index : (this.#startOf.get(Number(number)) ?? index);
  }

  /** The group whose members this junction expands; undefined for any other task. */
  groupStartedBy(index: number): number | undefined {
    return this.#starts.get(index);
  }

  /** Whether a task run of this task at this depth is that of one item of the task's own map. */
  isItem(index: number, depth: number): boolean {
    return this.isMapped && this.#tasks[index]?.map !== undefined && depth === this.depth(index);
  }

  /** Whether a task run of this task at this depth stands for those of a mapped group that has not begun. */
  awaitsGroup(index: number, depth: number): boolean {
    if (!this.isMapped) return false;
    return depth < this.depth(index) - (this.#tasks[index]?.map === undefined ? 0 : 1);
  }

  /** Whether a task run of this task at this depth stands for items that are not known yet. */
  expandsAt(index: number, depth: number): boolean {
    if (!this.isMapped) return false;
    // Within another map the start of a group is first one of that map's members.
    if (this.#starts.has(index)) return depth === this.depth(index);
    return this.#tasks[index]?.map !== undefined && depth === this.depth(index) - 1;
  }
}

function levelsOfGroup(group: number | undefined, groups: readonly GroupSpec[]): readonly string[] {
  const levels: string[] = [];
  for (let index = group; index !== undefined; index = groups[index]?.parent) {
    if (groups[index]?.map !== undefined) levels.unshift(`group ${index}`);
  }
  return levels;
}

/** Start and end of a group stand outside of it. */
function junctionsOf(groups: readonly GroupSpec[]): ReadonlyMap<number, number> {
  const junctions = new Map<number, number>();
  for (const [index, { start, end }] of groups.entries()) {
    if (start !== undefined) junctions.set(start, index);
    if (end !== undefined) junctions.set(end, index);
  }
  return junctions;
}
