import { isJunction } from "./junction.ts";
import type { TaskSpec } from "./manifest.ts";
import type { TaskRunState } from "./state.ts";

interface Row {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly state: TaskRunState;
}

/**
 * The task runs that people see, in the order of the pipeline and of the items of maps: no junctions, and no mapped task
 * run that others have taken the place of, one for each item. Where all of these were removed it stands for itself again.
 */
export function shownTaskRuns<R extends Row>(
  pipeline: { readonly tasks: readonly Pick<TaskSpec, "execution">[] },
  rows: readonly R[],
): readonly R[] {
  const replaced = new Set<string>();
  for (const { taskIndex, mapKey, state } of rows) {
    if (state === "removed") continue;
    for (const above of keysAbove(mapKey)) replaced.add(`${taskIndex}/${above}`);
  }
  return rows
    .filter(({ taskIndex, mapKey, state }) => {
      const task = pipeline.tasks[taskIndex];
      if (task !== undefined && isJunction(task)) return false;
      if (state === "removed" && mapKey !== "") return replaced.has(`${taskIndex}/${mapKeyAbove(mapKey)}`);
      return !replaced.has(`${taskIndex}/${mapKey}`);
    })
    .sort((one, other) => one.taskIndex - other.taskIndex || byItem(one.mapKey, other.mapKey));
}

/** What a task run is called: `load`, and for an item of a map `load[3]` or `load[3.7]`. */
export function taskRunName(task: string, mapKey: string): string {
  return mapKey === "" ? task : `${task}[${mapKey}]`;
}

/** The same with what the item is called: `load[3] eu`. */
export function labelledName(task: string, mapKey: string, label: string | undefined): string {
  const name = taskRunName(task, mapKey);
  return label === undefined || label === "" ? name : `${name} ${label}`;
}

/** The map key without its last level. */
export function mapKeyAbove(mapKey: string): string {
  return mapKey.includes(".") ? mapKey.slice(0, mapKey.lastIndexOf(".")) : "";
}

/** A member of a mapped group within another has no task run at the level between until that is expanded. */
function* keysAbove(mapKey: string): Generator<string> {
  for (let key = mapKey; key !== ""; ) {
    key = mapKeyAbove(key);
    yield key;
  }
}

function byItem(one: string, other: string): number {
  if (!one.includes(".") && !other.includes(".")) return Number(one) - Number(other);
  const [left, right] = [one.split("."), other.split(".")];
  const at = left.findIndex((part, level) => part !== right[level]);
  return at < 0 ? left.length - right.length : Number(left[at]) - Number(right[at] ?? -1);
}
