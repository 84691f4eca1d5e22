import type { Json } from "./json.ts";
import type { MapSpec, PipelineSpec } from "./manifest.ts";
import { labelOfItem } from "./map-label.ts";

/** The items of a list that a map goes over. */
export interface ListedItems {
  readonly count: number;
  /** Their labels, by the path from which they are read; in the order of the list. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

/** More items than this no map takes, whatever it says. */
export const MAP_LIMIT_MAX = 1_000_000;

/** All labels of a list together: they travel in one message. Of very many items each is cut the shorter for it. */
const LABEL_CHARACTERS_MAX = 16 * 1024 * 1024;

/**
 * Counts the items of a value, and reads their labels at these paths; undefined when it is no list. Of a list that every
 * map refuses nobody will see a label.
 */
export function listItems(value: Json, labelPaths: readonly string[]): ListedItems | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly Json[] = value;
  const count = items.length;
  if (labelPaths.length === 0 || count > MAP_LIMIT_MAX) return { count };
  const lengthMax = Math.floor(LABEL_CHARACTERS_MAX / Math.max(1, count * labelPaths.length));
  const labelsAt = (path: string): readonly string[] => items.map((item) => labelOfItem(item, path, lengthMax));
  return { count, labels: Object.fromEntries(labelPaths.map((path) => [path, labelsAt(path)])) };
}

/** The paths from which maps over a task read the labels of its items. */
export function labelPathsOver(spec: Pick<PipelineSpec, "tasks" | "groups">, index: number): readonly string[] {
  const maps = [...spec.tasks, ...(spec.groups ?? [])].flatMap(({ map }) => (map === undefined ? [] : [map]));
  const paths = maps.flatMap(({ over, label }) =>
    over.kind === "task" && over.index === index && label !== undefined ? [label] : [],
  );
  return [...new Set(paths)];
}

/** The map whose item a task run of this task is for: its own, or that of the nearest mapped group around it. */
export function innermostMap(
  { tasks, groups }: Pick<PipelineSpec, "tasks" | "groups">,
  index: number,
): MapSpec | undefined {
  const task = tasks[index];
  if (task?.map !== undefined) return task.map;
  for (let group = task?.group; group !== undefined; group = groups?.[group]?.parent) {
    const map = groups?.[group]?.map;
    if (map !== undefined) return map;
  }
  return undefined;
}
