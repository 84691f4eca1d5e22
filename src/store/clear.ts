import { partsOfGroup } from "../core/group-parts.ts";
import { depthOfPath, outerPath } from "../core/map-path.ts";
import { effectOf, type OperatorAction, runRefusal, taskRunRefusal } from "../core/operator-actions.ts";
import { isExpanded } from "../core/run-decision.ts";
import { extendSelection, selectTasks, withCompanions } from "../core/task-selection.ts";
import { actionReport } from "./action-report.ts";
import { carryOut } from "./carry-out.ts";
import { hiddenBy, nameOf, selectedRows, selectionOf, standsForItems, unknownTask } from "./choose-task-runs.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { ActionResult, ClearRequest } from "./operator-store.ts";
import { PipelinePlaces } from "./pipeline-places.ts";
import { toDecision } from "./records.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { RunId } from "./store.ts";
import type { NeighbourRun, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** By which row of the table it goes, and what it is called in the audit. */
export type Clearing = Extract<OperatorAction, "clear" | "retry" | "retry_failed">;

/**
 * Clears task runs into a new generation, with a fresh retry budget, and decides the first of them. A run that has ended
 * is running again; one that has not goes on with them.
 */
export async function clear(
  tx: Transaction,
  pipelines: CompiledPipelines,
  request: ClearRequest,
  action: Clearing = "clear",
): Promise<ActionResult> {
  await tx.closeClaimGate();
  const self = await tx.run(request.run);
  if (self === undefined) return { kind: "not_found", message: `There is no run ${request.run}.` };
  const places = await PipelinePlaces.of(tx, [self]);
  const ids = await idsOf(tx, self, request);
  if (ids.length > RUNS_MAX) return { kind: "refused", message: tooMany(ids.length, self.pipeline) };
  const runs: RunRow[] = [];
  for (const id of ids) {
    const run = await tx.lockRun(id);
    if (run !== undefined) runs.push(run);
  }
  const set = await lockedSet(tx, pipelines, runs);
  let cleared = 0;
  for (const run of runs) {
    const outcome = await clearRun(tx, set, run, { request, action, places });
    if (typeof outcome === "string") return { kind: "refused", message: outcome };
    cleared += outcome;
  }
  if (cleared === 0) return { kind: "refused", message: NOTHING[action](self.id) };
  await endRuns(tx, set);
  const changes = set.changes();
  await tx.apply(changes);
  return actionReport(set, changes);
}

interface Asked {
  readonly request: ClearRequest;
  readonly action: Clearing;
}

/** How many task runs of a run were cleared, or why it cannot be. */
async function clearRun(
  tx: Transaction,
  set: WorkingSet,
  run: RunRow,
  { request, action, places }: Asked & { readonly places: PipelinePlaces },
): Promise<number | string> {
  const refusal = runRefusal(action, run);
  if (refusal !== undefined) return refusal;
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  const chosen = chooseRows(set, run, { request, action });
  if (typeof chosen === "string") return chosen;
  const refused = chosen.find(({ state }) => effectOf("clear", state) === "refused");
  if (refused !== undefined) return taskRunRefusal(nameOf(set, refused), refused.state, run.id);
  const keys = clearedOf(set, run, chosen).map(({ key }) => key);
  if (keys.length === 0) return 0;
  const openLetters = new Set(await tx.openDeadLetters(keys));
  const effects = new Map(keys.map((key) => [key, "scheduled"] as const));
  await carryOut(tx, set, { runKey: run.key, actor: request.actor, effects, openLetters, places });
  const { actor, run: _run, dryRun: _dryRun, tasks, ...reach } = request;
  const details = JSON.stringify({ ...(tasks.length === 0 ? {} : { tasks }), ...reach, cleared: keys.length });
  set.audit({ project: run.project, actor, action, runKey: run.key, details });
  return keys.length;
}

/**
 * Of the task runs that have ended those that can begin again: what stands for all items of a mapped group only with the
 * start that expands them, and then with the items that had vanished, for there may be as many again (DM-4).
 */
function clearedOf(set: WorkingSet, run: RunRow, chosen: readonly TaskRunRow[]): readonly TaskRunRow[] {
  const { spec, graph } = set.run(run.key).pipeline;
  const { levels } = graph;
  const starts = chosen.flatMap(({ taskIndex, mapKey }) => {
    const group = levels.groupStartedBy(taskIndex);
    if (!levels.expandsAt(taskIndex, depthOfPath(mapKey))) return [];
    return group === undefined ? [] : [{ parts: new Set(partsOfGroup(spec, group)), mapKey }];
  });
  const expandsItself = ({ taskIndex, mapKey }: TaskRunRow): boolean =>
    levels.expandsAt(taskIndex, depthOfPath(mapKey)) ||
    starts.some(({ parts, mapKey: path }) => parts.has(taskIndex) && path === mapKey);
  const whole = new Set(chosen.map(({ key }) => key));
  const begins = (row: TaskRunRow): boolean => {
    const header = hiddenBy(set, row);
    if (header !== undefined && !(whole.has(header.key) && begins(header))) return false;
    return !standsForItems(set, row) || expandsItself(row);
  };
  const kept = chosen.filter(begins);
  const headers = new Set(kept.filter((row) => isExpanded(toDecision(row.decision))).map(placeOf));
  const isBack = ({ taskIndex, mapKey }: TaskRunRow): boolean =>
    headers.has(placeOf({ taskIndex, mapKey: outerPath(mapKey, depthOfPath(mapKey) - 1) }));
  return kept.filter((row) => (row.state === "removed" ? isBack(row) : effectOf("clear", row.state) === "scheduled"));
}

function placeOf({ taskIndex, mapKey }: Pick<TaskRunRow, "taskIndex" | "mapKey">): string {
  return `${taskIndex}/${mapKey}`;
}

function chooseRows(set: WorkingSet, run: RunRow, { request, action }: Asked): readonly TaskRunRow[] | string {
  const { pipeline } = set.run(run.key);
  const all = set.taskRunsOf(run.key);
  if (action === "retry_failed") {
    const failed = all.filter(({ state }) => effectOf(action, state) === "scheduled");
    const below = extendSelection(pipeline, selectionOf(failed), { downstream: true });
    return selectedRows(set, run.key, withCompanions(pipeline, below));
  }
  if (request.tasks.length === 0) return request.onlyFailed === true ? all.filter(isFailed) : all;
  const { selection, unknown } = selectTasks(pipeline.spec, request.tasks);
  // Another run may be of a version that had no such task yet.
  const [stranger] = unknown;
  if (stranger !== undefined && run.id === request.run) return unknownTask(run.pipeline, stranger);
  const reached = selectedRows(set, run.key, extendSelection(pipeline, selection, request));
  const wanted = request.onlyFailed === true ? reached.filter(isFailed) : reached;
  return selectedRows(set, run.key, withCompanions(pipeline, selectionOf(wanted)));
}

/** The run, and the newest one of each earlier or later interval where they are asked for, in the order of locking. */
async function idsOf(
  tx: Transaction,
  { key, id }: NeighbourRun,
  { past = false, future = false }: ClearRequest,
): Promise<readonly RunId[]> {
  const runs = [{ key, id }];
  if (past) runs.push(...(await tx.neighbourRuns(id, "past", COUNTED_MAX)));
  if (future) runs.push(...(await tx.neighbourRuns(id, "future", COUNTED_MAX)));
  return runs.sort((one, other) => one.key - other.key).map(({ id }) => id);
}

function isFailed({ state }: TaskRunRow): boolean {
  return effectOf("retry_failed", state) === "scheduled";
}

/** Of one action: nothing else starts or is changed by hand until it is through, for some seconds on PostgreSQL. */
const RUNS_MAX = 500;

/** To say how many there are, in each direction: behind the gate, so not to the end of a long history. */
const COUNTED_MAX = 1_000;

function tooMany(count: number, pipeline: string): string {
  const runs = count > COUNTED_MAX ? `more than ${COUNTED_MAX.toLocaleString("en")}` : count;
  return `That is ${runs} runs, and one action clears at most ${RUNS_MAX}; nothing was changed. Clear them one by one, without --past and --future: batuta runs ${pipeline} lists them.`;
}

const NOTHING: Readonly<Record<Clearing, (run: string) => string>> = {
  clear: (run) => `None of it has ended yet or failed, so there is nothing to clear: batuta why ${run}`,
  retry: () => "Nothing of this run can run again: all its tasks have vanished.",
  retry_failed: (run) =>
    `Nothing failed in this run, so there is nothing to run again. To run all of it: batuta retry ${run}`,
};
