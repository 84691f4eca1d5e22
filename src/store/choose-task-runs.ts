import { depthOfPath, outerPath } from "../core/map-path.ts";
import { isExpanded } from "../core/run-decision.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import { isFinished } from "../core/state.ts";
import { selectsTaskRun, selectTasks, type TaskSelection, type TaskSelector } from "../core/task-selection.ts";
import { toDecision } from "./records.ts";
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

/** The first of these that stands for the items of a mapped group which has not begun: by hand it cannot be told apart. */
export function awaitingGroup(set: WorkingSet, rows: readonly TaskRunRow[]): string | undefined {
  const row = rows.find(({ runKey, taskIndex, mapKey, state }) => {
    const { levels } = set.run(runKey).pipeline.graph;
    return !isFinished(state) && levels.awaitsGroup(taskIndex, depthOfPath(mapKey));
  });
  if (row === undefined) return undefined;
  const name = nameOf(set, row);
  return `"${name}" stands for all items of a mapped group that has not begun. Name the task run of one item, such as ${name}[0], once it has.`;
}

/**
 * Whether a task run stands for items of a map: those that have taken its place, or those of its group that are not known
 * yet. It is ended and begun by what expands it alone.
 */
export function standsForItems(set: WorkingSet, { runKey, taskIndex, mapKey, decision }: TaskRunRow): boolean {
  if (isExpanded(toDecision(decision))) return true;
  const { levels } = set.run(runKey).pipeline.graph;
  const depth = depthOfPath(mapKey);
  return depth < levels.depth(taskIndex) && !levels.expandsAt(taskIndex, depth);
}

/**
 * The task run that stands for the items this one belongs to, where it has been cleared and is not expanded again yet: the
 * item counts for nobody until it is.
 */
export function hiddenBy(set: WorkingSet, { runKey, taskIndex, mapKey }: TaskRunRow): TaskRunRow | undefined {
  for (let levels = 0; levels < depthOfPath(mapKey); levels++) {
    const header = set.at(runKey, { index: taskIndex, path: outerPath(mapKey, levels) });
    if (header !== undefined && !isExpanded(toDecision(header.decision))) return header;
  }
  return undefined;
}

/** Whether a person can end this task run by hand: it is the one that does the work. */
export function isByItself(set: WorkingSet, row: TaskRunRow): boolean {
  return !standsForItems(set, row) && hiddenBy(set, row) === undefined;
}

/** `load`, or `load[3]` for the task run of one item. */
export function nameOf(set: WorkingSet, row: TaskRunRow): string {
  return taskRunName(set.taskSpec(row).name, row.mapKey);
}

export function unknownTask(pipeline: string, name: string): string {
  return `Pipeline ${pipeline} has no task or group "${name}" in the version of this run.`;
}
