import { effectOf, type OperatorAction, runRefusal, taskRunRefusal } from "../core/operator-actions.ts";
import { MARKED_FAILED } from "../core/run-outcome.ts";
import { isFinished, isRunFinished } from "../core/state.ts";
import { actionReport } from "./action-report.ts";
import { blockedBelow, carryOut, type ManualEffect } from "./carry-out.ts";
import { awaitingGroup, chooseTaskRuns, isByItself, nameOf, unknownTask } from "./choose-task-runs.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { failFast } from "./fail-fast.ts";
import type { ActionResult, MarkRequest } from "./operator-store.ts";
import { PipelinePlaces } from "./pipeline-places.ts";
import { present } from "./records.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Makes task runs, or a whole run, a success or failed by hand. What runs loses its lease, by which its session knows to
 * end it. What a task run marked as success had blocked goes on.
 */
export async function mark(tx: Transaction, pipelines: CompiledPipelines, request: MarkRequest): Promise<ActionResult> {
  await tx.closeClaimGate();
  const found = await tx.run(request.run);
  const places = await PipelinePlaces.of(tx, found === undefined ? [] : [found]);
  const run = await tx.lockRun(request.run);
  if (run === undefined) return { kind: "not_found", message: `There is no run ${request.run}.` };
  const action = actionOf(request);
  const refusal = runRefusal(action, run);
  if (refusal !== undefined) return { kind: "refused", message: refusal };
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  const effects = effectsOf(set, run, request);
  if (typeof effects === "string") return { kind: "refused", message: effects };
  const openLetters = new Set(await tx.openDeadLetters([...effects.keys()]));
  const { actor, as, tasks } = request;
  // What takes away what was set up still runs, and then the run has failed whatever came of that (SU-1).
  if (action === "mark_run_failed" && !isRunFinished(run.state))
    set.moveRun(run.key, "cancelling", { reason: MARKED_FAILED, actor });
  await carryOut(tx, set, { runKey: run.key, actor, effects, openLetters, places });
  await failFast(tx, set);
  endRun(set, run, request);
  const details = JSON.stringify({ as, ...(tasks === undefined ? {} : { tasks }), marked: effects.size });
  set.audit({ project: run.project, actor, action, runKey: run.key, details });
  const changes = set.changes();
  await tx.apply(changes);
  return actionReport(set, changes);
}

function actionOf({ as, tasks }: MarkRequest): Extract<OperatorAction, `mark_${string}`> {
  return tasks === undefined ? `mark_run_${as}` : `mark_${as}`;
}

function effectsOf(set: WorkingSet, run: RunRow, request: MarkRequest): ReadonlyMap<number, ManualEffect> | string {
  if (request.tasks === undefined) return effectsOnRun(set, run, request);
  const { rows, unknown } = chooseTaskRuns(set, run.key, request.tasks);
  const [stranger] = unknown;
  if (stranger !== undefined) return unknownTask(run.pipeline, stranger);
  const action = actionOf(request);
  const refused = rows.find(({ state }) => effectOf(action, state) === "refused");
  if (refused !== undefined) return taskRunRefusal(nameOf(set, refused), refused.state, run.id);
  const awaiting = awaitingGroup(set, rows);
  if (awaiting !== undefined) return awaiting;
  const marked = rows.filter((row) => effectOf(action, row.state) === request.as && isWork(set, row));
  if (marked.length === 0) return nothingToMark(set, rows, request);
  const blocked = request.as === "success" ? blockedBelow(set, run.key, marked) : [];
  const effects = new Map<number, ManualEffect>(blocked.map(({ key }) => [key, "scheduled"]));
  for (const { key } of marked) effects.set(key, request.as);
  return effects;
}

function nothingToMark(set: WorkingSet, rows: readonly TaskRunRow[], { as }: MarkRequest): string {
  const open = rows.find((row) => !isFinished(row.state) && !isByItself(set, row));
  if (open !== undefined) return `${nameOf(set, open)} belongs to a map that is not expanded yet.`;
  return `Nothing is to be marked: ${named(set, rows)} is ${as} already.`;
}

function effectsOnRun(set: WorkingSet, run: RunRow, { as }: MarkRequest): ReadonlyMap<number, ManualEffect> | string {
  if (run.state === as) return `The run is ${as} already.`;
  const effects = new Map<number, ManualEffect>();
  for (const row of set.taskRunsOf(run.key)) {
    const effect = effectOf(as === "success" ? "mark_run_success" : "mark_run_failed", row.state);
    // A run that is failed by hand still takes away what it has set up (SU-1).
    if (as === "failed" && set.taskSpec(row).role === "teardown" && !isFinished(row.state)) continue;
    if (effect === "success" || effect === "failed" || effect === "cancelled") effects.set(row.key, effect);
  }
  return effects;
}

/** Neither a junction, which follows from the rest, nor what was replaced by the task runs of its items. */
function isWork(set: WorkingSet, row: TaskRunRow): boolean {
  return set.taskSpec(row).execution.via !== "none" && isByItself(set, row);
}

/** A run of which nothing is open ends as its task runs say, and as it was asked for where it is about the run itself. */
function endRun(set: WorkingSet, run: RunRow, { as, tasks, actor }: MarkRequest): void {
  const { state, unfinished, failing, reason } = set.run(run.key).after;
  if (unfinished > 0) return;
  // Only a run that has begun can have succeeded or failed.
  if (state === "queued") set.moveRun(run.key, "running", { actor });
  const counted = failing > 0 ? (run.state === "cancelled" ? "cancelled" : "failed") : "success";
  const outcome = tasks === undefined ? as : counted;
  const by = isRunFinished(state) || tasks === undefined ? { actor } : {};
  if (state !== outcome) set.moveRun(run.key, outcome, { ...by, ...present("reason", reason) });
}

function named(set: WorkingSet, rows: readonly TaskRunRow[]): string {
  const [first] = rows;
  if (first === undefined) return "what was named";
  return rows.length === 1 ? nameOf(set, first) : `each of the ${rows.length} task runs`;
}
