import { childOf } from "../core/child-reason.ts";
import type { ScopeHolder } from "../core/hold-reason.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import type { PastFacts } from "../core/past-reason.ts";
import { WAITS_FOR_PAST } from "../core/past-wait.ts";
import { shownTaskRuns, taskRunName } from "../core/shown-task-runs.ts";
import type { TaskRunState } from "../core/state.ts";
import { explainTaskRun, type StateReason, type TaskRunQuestion } from "../core/waiting-reason.ts";
import { findExecutor } from "../engine/orphans.ts";
import type { Clock } from "../ports/clock.ts";
import type { ChildRecord } from "../store/child-records.ts";
import type { LaneRecord } from "../store/limit-records.ts";
import type { RunRecord, Store, TaskRunRecord } from "../store/store.ts";
import type { WatchRecord } from "../store/watch-records.ts";
import { hostProcesses } from "./host-processes.ts";
import { shortId } from "./run-reference.ts";
import { RunStates } from "./run-states.ts";

export interface ExplainedRun {
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  readonly isAsked: (row: TaskRunRecord) => boolean;
}

export interface ExplainedTask {
  readonly index: number;
  readonly mapKey: string;
  readonly name: string;
  readonly label?: string;
  readonly state: TaskRunState;
  readonly reasons: readonly StateReason[];
  /** Of a sensor that waits. */
  readonly watch?: WatchRecord;
}

/** Why task runs of a run are in their states, in the order of the pipeline; only those that are asked about. */
export async function explainTasks(
  store: Pick<
    Store,
    | "taskRuns"
    | "lanes"
    | "scopeHolders"
    | "pipelineLoad"
    | "pausedPipelines"
    | "descendants"
    | "watches"
    | "pastHolder"
    | "sessions"
    | "now"
  >,
  clock: Clock,
  { run, pipeline, isAsked }: ExplainedRun,
): Promise<readonly ExplainedTask[]> {
  const rows = await store.taskRuns(run.id);
  const states = new RunStates(pipeline, rows);
  const queuedIn = new Set(rows.filter(({ state }) => state === "queued").map(({ laneId }) => laneId));
  const lanes = new Map((await store.lanes()).filter(({ id }) => queuedIn.has(id)).map((lane) => [lane.id, lane]));
  const holders = await holdersOf(store, run, [...lanes.values()]);
  const children = await childrenOf(store, run, rows);
  const isRunning = (await findExecutor(store, hostProcesses(clock), run)) !== undefined;
  const engine = { isRunning, ...(run.backfill === undefined ? {} : { backfill: run.backfill }) };
  const admission = await admissionOf(store, run, [...lanes.values()]);
  const watches = await watchesOf(store, run, rows);
  const asked = shownTaskRuns(pipeline, rows).filter(isAsked);
  const pasts = await pastsOf(store, run, asked);
  const now = await store.now();
  return asked.map((row) => {
    const child = children.get(childOf(row.reason) ?? "");
    const watch = watches.get(row.key);
    const lane = row.state === "queued" ? lanes.get(row.laneId) : undefined;
    const reasons = explainTaskRun({
      taskRun: row,
      tasks: pipeline.tasks,
      upstream: states.upstream(row),
      ...(row.state === "scheduled" ? { waitsFor: states.waitsFor(row) } : {}),
      runState: run.state,
      ...(lane === undefined ? {} : { lane: { waiting: lane.waiting, holds: lane.holds, holders } }),
      ...{ child, watch, past: pasts.get(row.taskIndex) },
      ...(admission === undefined ? {} : { admission }),
      engine,
      now,
    });
    return {
      index: row.taskIndex,
      mapKey: row.mapKey,
      name: taskRunName(pipeline.tasks[row.taskIndex]?.name ?? `task ${row.taskIndex}`, row.mapKey),
      ...(row.label === undefined ? {} : { label: row.label }),
      state: row.state,
      reasons,
      ...(watch === undefined ? {} : { watch }),
    };
  });
}

/** The runs that task runs wait for, by id. */
async function childrenOf(
  store: Pick<Store, "descendants">,
  { id }: RunRecord,
  rows: readonly TaskRunRecord[],
): Promise<ReadonlyMap<string, ChildRecord>> {
  if (!rows.some(({ state }) => state === "deferred")) return new Map();
  return new Map((await store.descendants(id)).map((child) => [child.runId, child]));
}

/** Sensors that wait, by the key of their task run. */
async function watchesOf(
  store: Pick<Store, "watches">,
  { id }: RunRecord,
  rows: readonly TaskRunRecord[],
): Promise<ReadonlyMap<number, WatchRecord>> {
  if (!rows.some(({ state }) => state === "deferred")) return new Map();
  return new Map((await store.watches(id)).map((watch) => [watch.taskRunKey, watch]));
}

/** For what task runs wait in the end that wait for the run before, by the index of their task. */
async function pastsOf(
  store: Pick<Store, "pastHolder">,
  { id }: RunRecord,
  rows: readonly TaskRunRecord[],
): Promise<ReadonlyMap<number, PastFacts>> {
  const found = new Map<number, PastFacts>();
  for (const { taskIndex, state, reason } of rows) {
    if (state !== "deferred" || reason !== WAITS_FOR_PAST || found.has(taskIndex)) continue;
    const holder = await store.pastHolder(id, taskIndex);
    if (holder !== undefined) found.set(taskIndex, { ...holder, run: shortId(holder.run.id), ds: holder.run.ds });
  }
  return found;
}

/** Who holds the slots for which these lanes wait. */
async function holdersOf(
  store: Pick<Store, "scopeHolders">,
  { project }: RunRecord,
  lanes: readonly LaneRecord[],
): Promise<readonly ScopeHolder[]> {
  const full = lanes.flatMap(({ holds }) => holds.flatMap((hold) => (hold.kind === "slots" ? [hold.scope] : [])));
  if (full.length === 0) return [];
  const holders = await store.scopeHolders(project, [...new Set(full)]);
  return holders.map(({ scope, since, pipeline, task, mapKey, runId, isDeferred }) => {
    const waits = isDeferred ? " (deferred)" : "";
    return { scope, since, who: `${pipeline}/${taskRunName(task, mapKey)} of run ${shortId(runId)}${waits}` };
  });
}

/** What a run waits for that may not begin; undefined when nothing of the kind holds it. */
export async function admissionOf(
  store: Pick<Store, "pipelineLoad" | "pausedPipelines">,
  { project, pipeline, state }: RunRecord,
  lanes: readonly LaneRecord[],
): Promise<TaskRunQuestion["admission"]> {
  if (state !== "queued" && !lanes.some(({ holds }) => holds.some(({ kind }) => kind === "paused"))) return undefined;
  const load = await store.pipelineLoad(project, pipeline);
  const pause = (await store.pausedPipelines(project)).find((entry) => entry.pipeline === pipeline);
  return { load, ...(pause === undefined ? {} : { pause }) };
}
