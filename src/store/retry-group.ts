import { groupDelayMs } from "../core/group-delay.ts";
import type { NodeChange } from "../core/node-decision.ts";
import { isFinished } from "../core/state.ts";
import { readGroup } from "./failed-groups.ts";
import { type FollowUp, NO_FOLLOW_UP } from "./follow-up.ts";
import { toDecision } from "./records.ts";
import { recountRows } from "./recount-rows.ts";
import type { TaskRunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Begins another attempt of a whole group (GR-1): clears all of it into a new generation, and lets its start wait for the
 * delay. `end` is its end, which stays scheduled, so that nothing outside has seen the failure.
 */
export async function retryGroup(tx: Transaction, set: WorkingSet, end: TaskRunRow): Promise<FollowUp> {
  const { runKey } = end;
  const { after, pipeline } = set.run(runKey);
  const group = pipeline.spec.groups?.findIndex((candidate) => candidate.end === end.taskIndex) ?? -1;
  const { start, retries, name } = pipeline.spec.groups?.[group] ?? {};
  if (start === undefined || retries === undefined) throw new Error(`Group ${group} has no retries`);
  const rows = await readGroup(tx, set, runKey, { group, path: end.mapKey });
  const first = rows.find(({ taskIndex, mapKey }) => taskIndex === start && mapKey === end.mapKey);
  // A run of some of the tasks may leave the start out: then there is nothing to begin anew from.
  if (first === undefined) return endByHand(set, end);
  const members = rows.filter(({ key }) => key !== end.key && key !== first.key);
  // Decided twice in one transaction: its next attempt is on its way already.
  if (members.some(({ state }) => !isFinished(state))) return NO_FOLLOW_UP;
  if (!isFinished(first.state)) return endByHand(set, end);
  const failedAttempts = (toDecision(end.decision)?.failedAttempts ?? 0) + 1;
  set.decide(end.key, { failedAttempts });
  const cleared = rows.filter(({ key, state }) => key !== end.key && isFinished(state));
  await replayDeadLetters(tx, set, cleared);
  for (const row of cleared) clear(set, row);
  // Its upstream was cleared or marked while it ran: its rule says whether, and when, it is tried again.
  set.addTaskRuns([], await tx.taskRunsOfRun(after.id, {}));
  const changes = recountRows(set, runKey);
  if (!mayBegin(changes, first)) return { ended: [], changes, recounted: true };
  const seed = `${after.id}/${name}/${end.mapKey}/${end.generation}/${failedAttempts}`;
  set.move(first.key, "retrying", {
    dueAt: set.now + groupDelayMs(retries, failedAttempts, seed),
    reason: "group_retry",
  });
  // Counts of all that hangs on the group have changed.
  return { ended: [], changes: recountRows(set, runKey), recounted: true };
}

function mayBegin(changes: readonly NodeChange[], { taskIndex, mapKey }: TaskRunRow): boolean {
  const change = changes.find(({ index, path }) => index === taskIndex && path === mapKey);
  return change?.to === "success" || change?.to === "expand";
}

/** All members were ended by hand before the group had begun: what an operator says is not tried again. */
function endByHand(set: WorkingSet, end: TaskRunRow): FollowUp {
  const { taskIndex: index, mapKey: path, state } = set.move(end.key, "upstream_failed", { reason: "ended_by_hand" });
  return { ended: [{ index, path, state, decision: null }], changes: [] };
}

/** Of an earlier attempt of the group, whose failure had been final until an operator began another. */
async function replayDeadLetters(tx: Transaction, set: WorkingSet, rows: readonly TaskRunRow[]): Promise<void> {
  const failed = rows.filter(({ state }) => state === "failed");
  const open = new Set(failed.length === 0 ? [] : await tx.openDeadLetters(failed.map(({ key }) => key)));
  for (const row of failed) {
    if (open.has(row.key))
      set.closeDeadLetter(row, { state: "replayed", by: "batuta", note: "its group was tried again" });
  }
}

function clear(set: WorkingSet, row: TaskRunRow): void {
  if (row.state === "success") set.clearOutput(row.key);
  set.move(row.key, "scheduled", {
    generation: row.generation + 1,
    ...{ attempt: 0, lost: 0, queuedAt: null, startedAt: null, failure: null, decision: null, reason: "group_retry" },
  });
}
