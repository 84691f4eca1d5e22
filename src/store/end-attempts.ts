import type { Failure } from "../core/failure.ts";
import type { Ended } from "../core/node-decision.ts";
import { operatorReason } from "../core/operator-reason.ts";
import { decideLost } from "../core/retry-policy.ts";
import { isFinished } from "../core/state.ts";
import { askRule } from "./ask-rule.ts";
import type { AttemptEnd } from "./changes.ts";
import { decidedResult, decisionOf, listedItems } from "./decided-value.ts";
import { groupToRetry } from "./failed-groups.ts";
import { moveCursor } from "./move-cursors.ts";
import { noteCache } from "./note-cache.ts";
import { toDecision } from "./records.ts";
import type { LeaseRow, TaskRunRow } from "./rows.ts";
import type { EndedByRun } from "./spread.ts";
import { resultAfterStop, standingStop } from "./stop-attempts.ts";
import { eventMessage, storableFailure, storableReason } from "./storable.ts";
import type { Completion, CompletionResult } from "./store.ts";
import type { WorkingSet } from "./working-set.ts";

/** What became of one completion. */
export type AttemptVerdict =
  | { readonly kind: "stale" }
  /** The task run as it is now. */
  | { readonly kind: "accepted"; readonly taskRun: TaskRunRow };

/**
 * Ends attempts: compares each completion with the row and its lease, and moves those that are current. A completion
 * of another token, of a session that lost its lease, or of a task run that does not run changes nothing (I02, I04).
 */
export function endAttempts(
  set: WorkingSet,
  completions: readonly Completion[],
  leases: readonly LeaseRow[],
): readonly AttemptVerdict[] {
  const held = new Map(leases.map((lease) => [lease.taskRunKey, lease]));
  return completions.map((completion) => {
    const row = set.taskRun(completion.taskRunKey);
    if (row === undefined || !isCurrent(completion, row, held.get(row.key))) return { kind: "stale" };
    return { kind: "accepted", taskRun: endAttempt(set, row, completion, held.get(row.key)) };
  });
}

/** What of these task runs is finished now, by run. */
export function endedByRun(set: WorkingSet, keys: ReadonlySet<number>): EndedByRun {
  const byRun = new Map<number, Ended[]>();
  for (const key of keys) {
    const row = set.taskRun(key);
    if (row === undefined || !isFinished(row.state)) continue;
    const { runKey, taskIndex, mapKey, state, decision } = row;
    const ended = byRun.get(runKey) ?? [];
    ended.push({ index: taskIndex, path: mapKey, state, decision: toDecision(decision) });
    byRun.set(runKey, ended);
  }
  return byRun;
}

function isCurrent(completion: Completion, row: TaskRunRow, lease: LeaseRow | undefined): boolean {
  return (
    row.state === "running" &&
    row.token === completion.token &&
    lease?.token === completion.token &&
    lease.sessionId === completion.session
  );
}

function endAttempt(
  set: WorkingSet,
  row: TaskRunRow,
  { result: reported, usage, cache }: Completion,
  lease: LeaseRow | undefined,
): TaskRunRow {
  const stop = lease === undefined ? undefined : standingStop(lease);
  const result = decidedResult(set, row, resultAfterStop(reported, stop));
  // An attempt that waits goes on until its wait has ended.
  if (result.kind !== "deferred") {
    set.endAttempt({
      taskRunKey: row.key,
      token: row.token,
      outcome: OUTCOMES[result.kind],
      failure: "failure" in result ? storableFailure(result.failure) : null,
      cpuMs: usage?.cpuMs ?? null,
      peakMemoryBytes: usage === undefined ? null : Math.round(usage.peakMemoryBytes),
    });
  }
  if (cache !== undefined) noteCache(set, row, cache, result);
  moveCursor(set, row, result);
  switch (result.kind) {
    case "success":
      return succeedTaskRun(set, row, result);
    case "skipped":
      return set.move(row.key, "skipped", { reason: storableReason(result.reason) });
    case "retrying":
      return isBeingCancelled(set, row) ? cancel(set, row, result.failure) : retryTaskRun(set, row, result);
    case "deferred":
      return isBeingCancelled(set, row)
        ? cancel(set, row, { reason: "cancelled", message: "The run was being cancelled." })
        : set.move(row.key, "deferred", { reason: storableReason(result.reason) });
    case "failed":
      return failTaskRun(set, row, result.failure);
    case "cancelled":
      return cancel(set, row, result.failure, stop?.actor);
    case "lost":
      return isBeingCancelled(set, row) ? cancel(set, row, result.failure) : replace(set, row, result.failure);
  }
}

export function succeedTaskRun(
  set: WorkingSet,
  row: TaskRunRow,
  { output, reason, materialisations, items }: Extract<CompletionResult, { kind: "success" }>,
): TaskRunRow {
  const decision = decisionOf(set, row, output);
  const after = set.move(row.key, "success", {
    reason: reason === undefined ? null : storableReason(reason),
    failure: null,
    ...(decision === null ? {} : { decision: JSON.stringify(decision) }),
  });
  if (output !== undefined) {
    const listed = listedItems(set.run(row.runKey).pipeline.spec, row.taskIndex, output, items);
    set.keepOutput({ taskRunKey: row.key, token: row.token, value: output, ...listed });
  }
  for (const { asset, metadata } of materialisations ?? []) {
    const { taskIndex } = row;
    noteDeadline(set, row, asset);
    set.note(row.runKey, {
      kind: "materialised",
      taskIndex,
      asset,
      ...(metadata === undefined ? {} : { metadata }),
    });
  }
  return after;
}

/** An asset without a deadline costs nothing. */
function noteDeadline(set: WorkingSet, row: TaskRunRow, asset: string): void {
  const hasDeadline = set.taskSpec(row).outputs.some(({ key, deadline }) => key === asset && deadline !== undefined);
  if (!hasDeadline) return;
  const { project, id: runId } = set.run(row.runKey).after;
  set.noteMade({ project, asset, runId });
}

export function retryTaskRun(
  set: WorkingSet,
  row: TaskRunRow,
  { failure, delayMs }: Extract<CompletionResult, { kind: "retrying" }>,
): TaskRunRow {
  const dueAt = set.now + Math.max(Math.ceil(delayMs), 0);
  return askRule(set, set.move(row.key, "retrying", { ...because(failure), dueAt }));
}

/** A lost attempt is replaced at once and outside the retry budget, up to the task's limit (ST-5). */
function replace(set: WorkingSet, row: TaskRunRow, failure: Failure): TaskRunRow {
  const { lostLimit } = set.taskSpec(row);
  if (decideLost({ lost: row.lost, lostLimit }) === "fail") return failTaskRun(set, row, failure);
  set.move(row.key, "retrying", { ...because(failure), dueAt: set.now });
  return askRule(set, set.move(row.key, "queued", { lost: row.lost + 1, reason: "lost" }));
}

/** For good: no attempt is left (ST-4). */
export function failTaskRun(set: WorkingSet, row: TaskRunRow, failure: Failure): TaskRunRow {
  const after = set.move(row.key, "failed", because(failure));
  if (!set.taskSpec(row).allowFailure && groupToRetry(set, row) === undefined) set.openDeadLetter(after);
  return after;
}

function cancel(set: WorkingSet, row: TaskRunRow, failure: Failure, actor?: string): TaskRunRow {
  const by = actor === undefined ? { reason: "cancelled" } : { reason: storableReason(operatorReason(actor)), actor };
  return set.move(row.key, "cancelled", { ...because(failure), ...by });
}

function because(failure: Failure): { reason: string; failure: string; message: string } {
  return { reason: failure.reason, failure: storableFailure(failure), message: eventMessage(failure) };
}

/** A tear-down goes on, its retries included (RS-7). */
function isBeingCancelled(set: WorkingSet, row: TaskRunRow): boolean {
  return set.run(row.runKey).after.state === "cancelling" && set.taskSpec(row).role !== "teardown";
}

const OUTCOMES: Readonly<Record<Exclude<CompletionResult["kind"], "deferred">, AttemptEnd["outcome"]>> = {
  success: "success",
  skipped: "skipped",
  retrying: "failed",
  failed: "failed",
  cancelled: "cancelled",
  lost: "lost",
};
