import { OF_RUN, planDeadlines } from "../core/deadline/plan-deadlines.ts";
import { NO_UPSTREAM } from "../core/trigger-rule.ts";
import { Admission } from "./admit-runs.ts";
import type { CompiledPipeline } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { WorkOfRun } from "./event-body.ts";
import { laneOf } from "./lane-of.ts";
import type { TaskRunRow } from "./rows.ts";
import type { NewRun } from "./store.ts";
import type { TaskRunInsert, Transaction } from "./transaction.ts";
import { nameOfPlace, type UsualTimes } from "./usual-times.ts";
import { WorkingSet } from "./working-set.ts";

/** A run to create: its pipeline, and the first of the task-run keys reserved for it, one for each task. */
export interface PlannedRun {
  readonly run: NewRun;
  readonly pipeline: CompiledPipeline;
  readonly firstKey: number;
  /** By task, where they are not those of the pipeline. */
  readonly priorities?: readonly number[] | undefined;
  /** Where a deadline asks for it. */
  readonly usual?: UsualTimes | undefined;
}

/**
 * Creates runs with their task runs and, as far as their pipelines have room, lets them begin. A run that exists already
 * is left as it is.
 */
export async function createRuns(tx: Transaction, planned: readonly PlannedRun[]): Promise<void> {
  const set = new WorkingSet(tx.now);
  const admission = new Admission(tx);
  const live = planned.filter(({ run }) => run.backfill === undefined);
  await admission.open(live.map(({ run, pipeline }) => ({ ...run, maxRuns: pipeline.spec.maxRuns })));
  for (const plan of planned) {
    const key = await createRun(tx, set, plan);
    if (key !== undefined) await admission.admit(set, key);
  }
  await endRuns(tx, set);
  await tx.apply(set.changes());
}

/** Gives the run's key; undefined when it exists already. */
async function createRun(tx: Transaction, set: WorkingSet, plan: PlannedRun): Promise<number | undefined> {
  const { run, pipeline, firstKey } = plan;
  const part = [...new Set(run.only ?? pipeline.spec.tasks.keys())].sort((one, other) => one - other);
  const key = await tx.insertRun({
    id: run.id,
    project: run.project,
    pipeline: run.pipeline,
    versionHash: run.versionHash,
    firstKey,
    taskCount: part.length,
    requestKey: run.requestKey,
    trigger: run.trigger,
    intervalStart: run.interval.start,
    intervalEnd: run.interval.end,
    timezone: run.timezone,
    ds: run.ds,
    params: JSON.stringify(run.params),
    onlyTasks: run.only === undefined ? null : JSON.stringify(part),
    borrowsFrom: run.borrowsFrom ?? null,
    actor: run.actor,
    schedule: run.schedule ?? "",
    isPartial: run.isPartial ?? false,
    isWide: run.isWide ?? false,
    backfill: run.backfill ?? null,
  });
  if (key === undefined) return undefined;
  set.addRun(newRunRow(key, part.length, { run, pipeline, firstKey }), pipeline);
  set.note(key, { kind: "run_state", from: null, to: "queued", actor: run.actor, work: workOf(run) });
  noteRepetition(set, key, run);
  const rows = await insertTaskRuns(tx, key, part, plan);
  await insertDeadlines(tx, key, part, plan);
  set.addTaskRuns([], rows);
  return key;
}

function workOf({ trigger, interval, ds, schedule, isPartial }: NewRun): WorkOfRun {
  return {
    ...{ trigger, interval, ds },
    ...(schedule === undefined ? {} : { schedule }),
    ...(isPartial === undefined ? {} : { isPartial }),
  };
}

function noteRepetition(set: WorkingSet, runKey: number, { project, actor, repeats }: NewRun): void {
  if (repeats === undefined) return;
  set.audit({ project, actor, action: "retry_newest", runKey, details: JSON.stringify({ repeats }) });
}

/** A pipeline without deadlines costs nothing. */
async function insertDeadlines(
  tx: Transaction,
  runKey: number,
  part: readonly number[],
  { run, pipeline, usual }: PlannedRun,
): Promise<void> {
  const planned = planDeadlines(pipeline.spec, {
    ...run,
    createdAt: tx.now,
    usualMs: (place) => usual?.get(nameOfPlace(place)),
  });
  const own = planned.filter(({ task }) => task === OF_RUN || part.includes(task));
  if (own.length > 0) await tx.deadlines.insert(runKey, own);
}

async function insertTaskRuns(
  tx: Transaction,
  runKey: number,
  part: readonly number[],
  { run, pipeline, firstKey, priorities }: PlannedRun,
): Promise<readonly TaskRunRow[]> {
  const { lanes, laneIndexes } = lanesOf({ run, pipeline, priorities }, part);
  const laneIds = await tx.laneIds(lanes);
  const isPart = new Set(part);
  const inserts = part.map((taskIndex, position): TaskRunInsert => {
    const laneId = laneIds[laneIndexes[position] ?? 0] ?? 0;
    const partOf = (indexes: readonly number[] = []): number =>
      run.only === undefined ? indexes.length : indexes.filter((index) => isPart.has(index)).length;
    const { upstream, gates } = pipeline.graph;
    const counts = { total: partOf(upstream[taskIndex]), gates: partOf(gates[taskIndex]) };
    return { key: firstKey + taskIndex, runKey, taskIndex, laneId, ...counts };
  });
  await tx.insertTaskRuns(inserts);
  return inserts.map(asInserted);
}

/** The different lanes of these tasks, and for each task which of them is its own. */
function lanesOf({ run, pipeline, priorities }: Omit<PlannedRun, "firstKey">, part: readonly number[]) {
  const lanes = new Map<string, { readonly index: number; readonly lane: ReturnType<typeof laneOf> }>();
  const laneIndexes = part.map((taskIndex) => {
    const task = pipeline.spec.tasks[taskIndex];
    if (task === undefined) throw new Error(`Pipeline "${run.pipeline}" has no task ${taskIndex}`);
    const priority = priorities?.[taskIndex] ?? task.priority;
    const lane = laneOf(run, { ...task, priority }, pipeline);
    const name = JSON.stringify(lane.key);
    const known = lanes.get(name) ?? { index: lanes.size, lane };
    lanes.set(name, known);
    return known.index;
  });
  return { lanes: [...lanes.values()].map(({ lane }) => lane), laneIndexes };
}

function newRunRow(key: number, taskCount: number, { run, firstKey }: PlannedRun) {
  const { id, project, pipeline, versionHash, backfill = null } = run;
  const counts = { unfinished: taskCount, failing: 0, taskCount };
  const times = { startedAt: null, finishedAt: null, reason: null };
  return { key, id, project, pipeline, versionHash, state: "queued", firstKey, backfill, ...counts, ...times } as const;
}

function asInserted({ key, runKey, taskIndex, laneId, total, gates }: TaskRunInsert): TaskRunRow {
  return {
    ...{ key, runKey, taskIndex, mapKey: "", laneId, state: "scheduled", generation: 1, attempt: 0, token: 0, lost: 0 },
    ...{ ...NO_UPSTREAM, total, gates },
    ...{
      decision: null,
      label: null,
      dueAt: null,
      queuedAt: null,
      startedAt: null,
      finishedAt: null,
      reason: null,
      failure: null,
    },
  };
}
