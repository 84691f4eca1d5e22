import { recount } from "../core/propagate.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Counts the upstream of every task run of a run from scratch and moves what is decided by it. For creation and for
 * what operators do; the whole run must have been read.
 */
export function recountRun(set: WorkingSet, runKey: number): void {
  const { after, pipeline } = set.run(runKey);
  const { tasks } = pipeline.spec;
  const states = new Map(set.taskRunsOf(runKey).map((row) => [row.taskIndex, row.state]));
  for (const { index, counts, to, reason } of recount(tasks, states)) {
    const key = after.firstKey + index;
    if (to === undefined) set.setCounts(key, counts);
    else set.move(key, to, { counts, ...(reason === undefined ? {} : { reason }) });
  }
}
