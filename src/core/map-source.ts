import type { Json } from "./json.ts";
import type { MapSpec, PipelineSpec } from "./manifest.ts";
import { labelOfItem } from "./map-label.ts";

/** The items of a list that a map goes over. */
export interface ListedItems {
  readonly count: number;
  /** Their labels, by the path from which they are read; in the order of the list. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
}

/** Counts the items of a value, and reads their labels at these paths; undefined when it is no list. */
export function listItems(value: Json, labelPaths: readonly string[]): ListedItems | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly Json[] = value;
  if (labelPaths.length === 0) return { count: items.length };
  return {
    count: items.length,
    labels: Object.fromEntries(labelPaths.map((path) => [path, items.map((item) => labelOfItem(item, path))])),
  };
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
