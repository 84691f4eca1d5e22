import { effectOf, type OperatorAction, runRefusal } from "../core/operator-actions.ts";
import type { StopRequest } from "../core/stop-request.ts";
import { actionReport } from "./action-report.ts";
import { byHand, carryOut, sumsUpTeardowns } from "./carry-out.ts";
import { awaitingGroup, chooseTaskRuns, isByItself, unknownTask } from "./choose-task-runs.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { ActionResult, StopActionRequest } from "./operator-store.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import { requestStops } from "./stop-attempts.ts";
import { stopRun } from "./stop-run.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Cancels what has not started and asks what runs to end, which its session does. A run is `cancelling` until the last of
 * it has ended, and cancelled at once when nothing runs. Cancelling twice changes nothing more; killing what is being
 * cancelled takes its grace time away.
 */
export async function stop(
  tx: Transaction,
  pipelines: CompiledPipelines,
  request: StopActionRequest,
): Promise<ActionResult> {
  await tx.closeClaimGate();
  const run = await tx.lockRun(request.run);
  if (run === undefined) return { kind: "not_found", message: `There is no run ${request.run}.` };
  const { actor, how, tasks } = request;
  const action: OperatorAction = tasks === undefined ? `${how}_run` : how;
  const refusal = runRefusal(action, run);
  if (refusal !== undefined) return { kind: "refused", message: refusal };
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  const stopped = await stopPart(tx, set, run, request);
  if (typeof stopped === "string") return { kind: "refused", message: stopped };
  // Of a run in which tear-downs alone are left nothing is stopped, but it ends as cancelled.
  if (stopped > 0 || set.run(run.key).after.state !== run.state) {
    const details = JSON.stringify({ ...(tasks === undefined ? {} : { tasks }), stopped });
    set.audit({ project: run.project, actor, action, runKey: run.key, details });
  }
  const changes = set.changes();
  await tx.apply(changes);
  return actionReport(set, changes);
}

/** How many task runs are cancelled or asked to end now, or why none can be. */
async function stopPart(
  tx: Transaction,
  set: WorkingSet,
  run: RunRow,
  request: StopActionRequest,
): Promise<number | string> {
  const { how, tasks } = request;
  if (tasks !== undefined) {
    const { rows, unknown } = chooseTaskRuns(set, run.key, tasks);
    const [stranger] = unknown;
    if (stranger !== undefined) return unknownTask(run.pipeline, stranger);
    const awaiting = awaitingGroup(set, rows);
    if (awaiting !== undefined) return awaiting;
    // A group ends when its tear-downs have ended, whatever else of it is stopped.
    const work = rows.filter((row) => isByItself(set, row) && !sumsUpTeardowns(set, row));
    const stopped = await stopTaskRuns(tx, set, work, request);
    await endRuns(tx, set);
    return stopped === 0 ? NOTHING : stopped;
  }
  if (how === "kill") return killRun(tx, set, run, request);
  if (run.state === "cancelling") return 0;
  const { message, actor = request.actor } = stopRequest(request);
  const running = set.taskRunsOf(run.key).filter(({ state }) => state === "running").length;
  return running + (await stopRun(tx, set, run.key, { ...byHand(actor), message }));
}

/** With its tear-downs, those that run by now and those that would. */
async function killRun(tx: Transaction, set: WorkingSet, run: RunRow, request: StopActionRequest): Promise<number> {
  const why = byHand(request.actor);
  const rows = set.taskRunsOf(run.key);
  const isRunning = rows.some(({ state }) => state === "running");
  if (isRunning && run.state !== "cancelling") set.moveRun(run.key, "cancelling", why);
  const stopped = await stopTaskRuns(tx, set, rows, request);
  if (run.state !== "cancelling" && !isRunning) set.moveRun(run.key, "cancelled", why);
  await endRuns(tx, set);
  return stopped;
}

async function stopTaskRuns(
  tx: Transaction,
  set: WorkingSet,
  rows: readonly TaskRunRow[],
  request: StopActionRequest,
): Promise<number> {
  const { how, actor } = request;
  const waiting = rows.filter(({ state }) => effectOf(how, state) === "cancelled");
  const running = rows.filter(({ state }) => effectOf(how, state) === "stops").map(({ key }) => key);
  const asked = await requestStops(tx, set, running, stopRequest(request));
  const effects = new Map(waiting.map(({ key }) => [key, "cancelled"] as const));
  const [first] = waiting;
  if (first !== undefined) await carryOut(tx, set, { runKey: first.runKey, actor, effects, openLetters: new Set() });
  return waiting.length + asked.length;
}

function stopRequest({ how, actor }: StopActionRequest): StopRequest {
  return { kind: how, message: `${how === "kill" ? "Killed" : "Cancelled"} by ${actor}.`, actor };
}

const NOTHING = "None of it waits or runs, so there is nothing to stop.";
