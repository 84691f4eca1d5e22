import { outerPath } from "../core/map-path.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * These task runs and all that hangs on them, directly or not; of the task runs of items those of the same item alone.
 * The whole run must have been read.
 */
export function withRowsBehind(set: WorkingSet, runKey: number, roots: readonly TaskRunRow[]): readonly TaskRunRow[] {
  const { graph } = set.run(runKey).pipeline;
  const byTask = Map.groupBy(set.taskRunsOf(runKey), ({ taskIndex }) => taskIndex);
  const found = new Map(roots.map((row) => [row.key, row]));
  // What is found on the way is visited by the same loop.
  for (const row of found.values()) {
    for (const index of graph.followers[row.taskIndex] ?? []) {
      const shared = graph.levels.shared(row.taskIndex, index);
      const path = outerPath(row.mapKey, shared);
      for (const behind of byTask.get(index) ?? []) {
        if (isWithin(behind.mapKey, path, shared)) found.set(behind.key, behind);
      }
    }
  }
  return [...found.values()];
}

/** Whether a task run is of the items that a path names, or stands for them all. */
function isWithin(mapKey: string, path: string, levels: number): boolean {
  const own = outerPath(mapKey, levels);
  return own === path || own === "" || path.startsWith(`${own}.`);
}
