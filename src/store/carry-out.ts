import { OF_RUN } from "../core/deadline/plan-deadlines.ts";
import { operatorReason } from "../core/operator-reason.ts";
import { waitsInAttempt } from "../core/past-wait.ts";
import { isExpanded } from "../core/run-decision.ts";
import { isFinished, isRunFinished } from "../core/state.ts";
import { directlyBehind, extendSelection } from "../core/task-selection.ts";
import { selectedRows, selectionOf } from "./choose-task-runs.ts";
import { earlierItems, removeItem } from "./earlier-items.ts";
import { groupToRetry } from "./failed-groups.ts";
import type { PipelinePlaces } from "./pipeline-places.ts";
import { toDecision } from "./records.ts";
import { recountRun } from "./recount-run.ts";
import type { TaskRunRow } from "./rows.ts";
import { storableFailure, storableReason } from "./storable.ts";
import type { Transaction } from "./transaction.ts";
import type { MovePatch, WorkingSet } from "./working-set.ts";

/** What an operator makes of task runs of one run; all of the run has been read. */
export interface ManualChange {
  readonly runKey: number;
  readonly actor: string;
  /** By key of the task run. */
  readonly effects: ReadonlyMap<number, ManualEffect>;
  /** Keys of task runs whose dead letter is open. */
  readonly openLetters: ReadonlySet<number>;
  /** Absent where no run can begin again by it. */
  readonly places?: PipelinePlaces;
}

export type ManualEffect = "scheduled" | "success" | "failed" | "cancelled";

/**
 * Moves task runs by hand and decides what follows: their dependants between two attempts are asked anew, the rest of
 * the run is recounted. A finished run of which something is to run again is running again, or waits for its place (CC-1).
 */
export async function carryOut(tx: Transaction, set: WorkingSet, change: ManualChange): Promise<void> {
  const { runKey, effects, actor } = change;
  const rows = [...effects.keys()].flatMap((key) => set.taskRun(key) ?? []);
  const revised = rows.filter(({ state }) => isFinished(state));
  const junctions = junctionsBehind(set, runKey, { revised, chosen: new Set(effects.keys()) });
  const isBegun = junctions.length > 0 || [...effects.values()].includes("scheduled");
  if (isBegun && isRunFinished(set.run(runKey).after.state)) reopen(set, change);
  for (const row of rows) moveByHand(set, row, effects.get(row.key) ?? "scheduled", change);
  await removeItemsOf(tx, set, effects);
  const openLetters = new Set(await openLettersOf(tx, junctions));
  for (const row of junctions) {
    if (openLetters.has(row.key)) set.closeDeadLetter(row, closing("scheduled", actor));
    askJunction(set, row, change);
  }
  askAnew(set, runKey, [...revised, ...junctions]);
  await recountRun(tx, set, runKey);
  await renewDeadlines(tx, set, { runKey, rows: revised, effects });
}

/** What is run anew has its time anew; a run only when it begins again. */
async function renewDeadlines(
  tx: Transaction,
  set: WorkingSet,
  { runKey, rows, effects }: Pick<ManualChange, "runKey" | "effects"> & { readonly rows: readonly TaskRunRow[] },
): Promise<void> {
  const { before, after, pipeline } = set.run(runKey);
  const { deadlines, tasks } = pipeline.spec;
  const again = rows.filter(({ key, taskIndex }) => {
    return effects.get(key) === "scheduled" && tasks[taskIndex]?.deadlines !== undefined;
  });
  const hasReopened = isRunFinished(before.state) && !isRunFinished(after.state);
  const ofRun = deadlines !== undefined && hasReopened ? [OF_RUN] : [];
  const renewed = [...ofRun, ...new Set(again.map(({ taskIndex }) => taskIndex))];
  if (renewed.length > 0) await tx.deadlines.renew(runKey, renewed);
}

function reopen(set: WorkingSet, { runKey, actor, places }: ManualChange): void {
  if (places === undefined) throw new Error(`Nothing was to begin again in run ${set.run(runKey).after.id}`);
  set.moveRun(runKey, places.takeFor(set.run(runKey).after) ? "running" : "queued", { actor });
}

/** A map that could not be expanded has failed at its junction. */
async function openLettersOf(tx: Transaction, rows: readonly TaskRunRow[]): Promise<readonly number[]> {
  const failed = rows.filter(({ state }) => state === "failed");
  return failed.length === 0 ? [] : tx.openDeadLetters(failed.map(({ key }) => key));
}

/** What was made of a row and by whom, as its columns and its event say. */
export function byHand(actor: string): { readonly reason: string; readonly actor: string } {
  return { reason: storableReason(operatorReason(actor)), actor };
}

/** What hangs on these task runs and could not run because of how its upstream had ended. */
export function blockedBelow(set: WorkingSet, runKey: number, rows: readonly TaskRunRow[]): readonly TaskRunRow[] {
  const below = extendSelection(set.run(runKey).pipeline, selectionOf(rows), { downstream: true });
  return selectedRows(set, runKey, below).filter(({ state }) => state === "upstream_failed");
}

function moveByHand(set: WorkingSet, row: TaskRunRow, effect: ManualEffect, change: ManualChange): void {
  const { actor, openLetters } = change;
  if (openLetters.has(row.key)) set.closeDeadLetter(row, closing(effect, actor));
  if (row.state === "success") set.clearOutput(row.key);
  if (row.state === "running") endAttempt(set, row, effect, actor);
  const patch = { ...renewed(row, effect), ...byHand(actor), failure: null, decision: null };
  const after = set.move(row.key, effect, patch);
  if (effect !== "failed" || set.taskSpec(row).allowFailure || groupToRetry(set, after) !== undefined) return;
  set.openDeadLetter(after);
}

/** What ends by hand while it stands for items takes those of an earlier expansion with it. */
async function removeItemsOf(tx: Transaction, set: WorkingSet, effects: ManualChange["effects"]): Promise<void> {
  for (const [key, effect] of effects) {
    const header = set.taskRun(key);
    if (header === undefined || effect === "scheduled") continue;
    const items = await earlierItems(tx, set, header, [header]);
    for (const item of items) if (!effects.has(item.key)) removeItem(set, item);
  }
}

/** What has finished begins a new generation, with nothing tried yet (ST-1). */
function renewed(row: TaskRunRow, effect: ManualEffect): MovePatch {
  if (!isFinished(row.state)) return {};
  const times = effect === "scheduled" ? { queuedAt: null, startedAt: null } : {};
  return { generation: row.generation + 1, attempt: 0, lost: 0, ...times };
}

function endAttempt(set: WorkingSet, { key, token }: TaskRunRow, effect: ManualEffect, actor: string): void {
  const failure = storableFailure({ reason: "cancelled", message: `Marked as ${effect} by ${actor} while it ran.` });
  set.endAttempt({ taskRunKey: key, token, outcome: "cancelled", failure, cpuMs: null, peakMemoryBytes: null });
}

function closing(effect: ManualEffect, by: string) {
  if (effect === "scheduled") return { state: "replayed", by, note: null } as const;
  return { state: "resolved", by, note: `marked as ${effect}` } as const;
}

/** Junctions that had passed on how these ended: nothing of them is work, so they always go along. */
function junctionsBehind(
  set: WorkingSet,
  runKey: number,
  { revised, chosen }: { readonly revised: readonly TaskRunRow[]; readonly chosen: ReadonlySet<number> },
): readonly TaskRunRow[] {
  const found = new Map<number, TaskRunRow>();
  for (let from = revised; from.length > 0; ) {
    from = rowsBehind(set, runKey, from).filter(
      (row) => passesOn(set, row) && !chosen.has(row.key) && !found.has(row.key),
    );
    for (const row of from) found.set(row.key, row);
  }
  return [...found.values()];
}

/** What hangs on these directly; the start of a mapped group has nothing of its own once it is expanded, so its members do. */
function rowsBehind(set: WorkingSet, runKey: number, rows: readonly TaskRunRow[]): readonly TaskRunRow[] {
  const { pipeline } = set.run(runKey);
  const { levels } = pipeline.graph;
  const direct = selectedRows(set, runKey, directlyBehind(pipeline, selectionOf(rows)));
  const starts = direct.filter(
    (row) => levels.groupStartedBy(row.taskIndex) !== undefined && isExpanded(toDecision(row.decision)),
  );
  return starts.length === 0 ? direct : [...new Set([...direct, ...rowsBehind(set, runKey, starts)])];
}

/** Junctions of tear-downs go along with their tear-down alone, and one that was expanded stands for nothing any more. */
function passesOn(set: WorkingSet, row: TaskRunRow): boolean {
  const { execution, role } = set.taskSpec(row);
  const isOfTeardown = role === "teardown" && !sumsUpTeardowns(set, row);
  if (execution.via !== "none" || isOfTeardown) return false;
  return isFinished(row.state) && row.state !== "removed" && !isExpanded(toDecision(row.decision));
}

/** The junction by which a group waits for its tear-downs. */
export function sumsUpTeardowns(set: WorkingSet, { runKey, taskIndex }: TaskRunRow): boolean {
  const { groups = [] } = set.run(runKey).pipeline.spec;
  return groups.some(({ cleanup }) => cleanup === taskIndex);
}

/** A group that somebody has failed by hand is not tried again by itself. */
function askJunction(set: WorkingSet, row: TaskRunRow, { actor, effects }: ManualChange): void {
  const { endOf } = set.run(row.runKey).pipeline.graph;
  const isFailed = [...effects.values()].includes("failed");
  const failedAttempts = isFailed ? (endOf.get(row.taskIndex)?.retries?.limit ?? 0) : 0;
  const decision = failedAttempts === 0 ? null : JSON.stringify({ failedAttempts });
  set.move(row.key, "scheduled", { ...renewed(row, "scheduled"), ...byHand(actor), decision });
}

/** Their rules had counted an outcome that is no more (architecture: a cleared task run takes its dependants back). */
function askAnew(set: WorkingSet, runKey: number, revised: readonly TaskRunRow[]): void {
  if (revised.length === 0) return;
  for (const row of rowsBehind(set, runKey, revised)) if (isBetweenAttempts(row)) set.move(row.key, "scheduled");
}

/** An attempt that waits for a run of another pipeline goes on; one that waits for the past has not begun. */
function isBetweenAttempts(row: TaskRunRow): boolean {
  return row.state === "queued" || row.state === "retrying" || (row.state === "deferred" && !waitsInAttempt(row));
}
