import { selectsTaskRun, selectTasks, type TaskSelection, type TaskSelector } from "../core/task-selection.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WorkingSet } from "./working-set.ts";

/** The task runs of a run that selectors name, and the names that its version does not know. */
export function chooseTaskRuns(
  set: WorkingSet,
  runKey: number,
  selectors: readonly TaskSelector[],
): { readonly rows: readonly TaskRunRow[]; readonly unknown: readonly string[] } {
  const { selection, unknown } = selectTasks(set.run(runKey).pipeline.spec, selectors);
  return { rows: selectedRows(set, runKey, selection), unknown };
}

export function selectedRows(set: WorkingSet, runKey: number, selection: TaskSelection): readonly TaskRunRow[] {
  return set.taskRunsOf(runKey).filter((row) => selectsTaskRun(selection, row));
}

export function selectionOf(rows: readonly TaskRunRow[]): TaskSelection {
  const selection = new Map<number, Set<string>>();
  for (const { taskIndex, mapKey } of rows) {
    const keys = selection.get(taskIndex) ?? new Set();
    selection.set(taskIndex, keys.add(mapKey));
  }
  return selection;
}

/** `load`, or `load[3]` for the task run of one item. */
export function nameOf(set: WorkingSet, row: TaskRunRow): string {
  const { name } = set.taskSpec(row);
  return row.mapKey === "" ? name : `${name}[${row.mapKey}]`;
}

export function unknownTask(pipeline: string, name: string): string {
  return `Pipeline ${pipeline} has no task or group "${name}" in the version of this run.`;
}
