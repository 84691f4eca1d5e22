import type { NodeChange } from "../core/node-decision.ts";
import { recount } from "../core/recount.ts";
import { toDecision } from "./records.ts";
import type { WorkingSet } from "./working-set.ts";

/** Counts and decisions of a run from scratch, by its rows as they are now; the whole run must have been read. */
export function recountRows(set: WorkingSet, runKey: number): readonly NodeChange[] {
  const { spec, graph } = set.run(runKey).pipeline;
  const rows = set.taskRunsOf(runKey).map(({ taskIndex, mapKey, state, decision }) => {
    return { index: taskIndex, path: mapKey, state, decision: toDecision(decision) };
  });
  return recount({ tasks: spec.tasks, graph }, rows);
}
