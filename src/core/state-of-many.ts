import type { TaskRunState } from "./state.ts";

/** What many task runs together are said to be: the first of these that any of them is. */
const TELLING: readonly TaskRunState[] = [
  "running",
  "retrying",
  "queued",
  "deferred",
  "scheduled",
  "failed",
  "cancelled",
  "upstream_failed",
  "success",
  "skipped",
  "removed",
];

/** One state for the task runs of a mapped task; `isAny` tells whether any of them is in a state. */
export function stateOfMany(isAny: (state: TaskRunState) => boolean): TaskRunState {
  return TELLING.find(isAny) ?? "success";
}
