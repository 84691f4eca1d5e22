import { gateReason, readShut } from "../core/gate.ts";
import { decideStart } from "../core/trigger-rule.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Takes a task run that is about to begin another attempt back to its rule where that would not let it start any more: an
 * upstream was cleared or marked while the last attempt ran (I10). Gives the task run as it is then.
 */
export function askRule(set: WorkingSet, row: TaskRunRow): TaskRunRow {
  const { when } = set.taskSpec(row);
  const decision = decideStart(when, row);
  if (decision === "run") return row;
  const asked = set.move(row.key, "scheduled");
  if (decision === "wait") return asked;
  return set.move(row.key, decision === "skip" ? "skipped" : "upstream_failed", { reason: reasonOf(set, row) });
}

function reasonOf(set: WorkingSet, row: TaskRunRow): string {
  if (row.shut === null) return `${set.taskSpec(row).when}: its upstream ended otherwise than before`;
  const { verdict, gate } = readShut(row.shut);
  const task = set.run(row.runKey).pipeline.spec.tasks[gate];
  return task === undefined ? row.shut : gateReason(task, verdict, gate === row.taskIndex);
}
