import { depthOfPath, outerPath } from "../core/map-path.ts";
import { isFinished } from "../core/state.ts";
import type { TaskRunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Task runs of these tasks that an earlier expansion has made below `header`. They count for nobody until it is expanded
 * again. Only a task run that has been cleared has been expanded before.
 */
export async function earlierItems(
  tx: Transaction,
  set: WorkingSet,
  header: TaskRunRow,
  tasks: readonly Pick<TaskRunRow, "taskIndex">[],
): Promise<readonly TaskRunRow[]> {
  if (header.generation === 1) return [];
  const indexes = new Set(tasks.map(({ taskIndex }) => taskIndex));
  const { id } = set.run(header.runKey).after;
  set.addTaskRuns([], await tx.taskRunsOfRun(id, { taskIndexes: [...indexes] }));
  const depth = depthOfPath(header.mapKey);
  const isBelow = ({ taskIndex, mapKey }: TaskRunRow): boolean =>
    indexes.has(taskIndex) && depthOfPath(mapKey) > depth && outerPath(mapKey, depth) === header.mapKey;
  return set.taskRunsOf(header.runKey).filter(isBelow);
}

/** The list has no such item any more (DM-4). */
export function removeItem(set: WorkingSet, row: TaskRunRow): void {
  if (!isFinished(row.state)) set.move(row.key, "removed", { reason: "no_item" });
}

/** The list has such an item again (DM-4): it begins anew. */
export function bringBackItem(set: WorkingSet, row: TaskRunRow): void {
  if (row.state !== "removed") return;
  set.move(row.key, "scheduled", {
    generation: row.generation + 1,
    ...{ attempt: 0, lost: 0, queuedAt: null, startedAt: null, failure: null, decision: null, reason: "mapped" },
  });
}
