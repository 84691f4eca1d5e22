import { OF_RUN, planDeadlines } from "../core/deadline/plan-deadlines.ts";
import { NO_UPSTREAM } from "../core/trigger-rule.ts";
import { Admission } from "./admit-runs.ts";
import type { CompiledPipeline } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { WorkOfRun } from "./event-body.ts";
import { type LaneRequest, laneOf } from "./lane-of.ts";
import type { TaskRunRow } from "./rows.ts";
import type { NewRun } from "./store.ts";
import type { RunInsert, TaskRunInsert, Transaction } from "./transaction.ts";
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
 * is left as it is. The rows of all are written together; then one after the other is decided, in order.
 */
export async function createRuns(tx: Transaction, planned: readonly PlannedRun[]): Promise<void> {
  const set = new WorkingSet(tx.now);
  const admission = new Admission(tx);
  const live = planned.filter(({ run }) => run.backfill === undefined);
  await admission.open(live.map(({ run, pipeline }) => ({ ...run, maxRuns: pipeline.spec.maxRuns })));
  const made = await insertRuns(tx, planned);
  const taskRuns = await insertTaskRuns(tx, made);
  await insertDeadlines(tx, made);
  for (const run of made) {
    addRun(set, run);
    set.addTaskRuns([], taskRuns.get(run.key) ?? []);
    await admission.admit(set, run.key);
  }
  await endRuns(tx, set);
  await tx.apply(set.changes());
}

/** A run that has its row. */
interface MadeRun {
  readonly key: number;
  readonly plan: PlannedRun;
  /** Its tasks. */
  readonly part: readonly number[];
}

/** Those that were there already are left out. */
async function insertRuns(tx: Transaction, planned: readonly PlannedRun[]): Promise<readonly MadeRun[]> {
  const wanted = planned.map((plan) => ({ plan, part: partOf(plan) }));
  const keys = await tx.insertRuns(wanted.map(toInsert));
  return wanted.flatMap((run, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ ...run, key }];
  });
}

function partOf({ run, pipeline }: PlannedRun): readonly number[] {
  return [...new Set(run.only ?? pipeline.spec.tasks.keys())].sort((one, other) => one - other);
}

function toInsert({ plan: { run, firstKey }, part }: Omit<MadeRun, "key">): RunInsert {
  return {
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
  };
}

function addRun(set: WorkingSet, { key, plan, part }: MadeRun): void {
  const { run, pipeline } = plan;
  set.addRun(newRunRow(key, part.length, plan), pipeline);
  set.note(key, { kind: "run_state", from: null, to: "queued", actor: run.actor, work: workOf(run) });
  noteRepetition(set, key, run);
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
async function insertDeadlines(tx: Transaction, made: readonly MadeRun[]): Promise<void> {
  const planned = made.flatMap(({ key: runKey, plan: { run, pipeline, usual }, part }) =>
    planDeadlines(pipeline.spec, {
      ...run,
      createdAt: tx.now,
      usualMs: (place) => usual?.get(nameOfPlace(place)),
    })
      .filter(({ task }) => task === OF_RUN || part.includes(task))
      .map((deadline) => ({ runKey, ...deadline })),
  );
  if (planned.length > 0) await tx.deadlines.insert(planned);
}

/** Gives them by the key of their run. */
async function insertTaskRuns(
  tx: Transaction,
  made: readonly MadeRun[],
): Promise<ReadonlyMap<number, readonly TaskRunRow[]>> {
  const lanes = new WantedLanes();
  const placed = made.map((run) => ({ run, laneIndexes: run.part.map((index) => lanes.want(run.plan, index)) }));
  const laneIds = await tx.laneIds(lanes.all);
  const inserts = placed.map(({ run, laneIndexes }) =>
    taskRunsOf(
      run,
      laneIndexes.map((index) => laneIds[index] ?? 0),
    ),
  );
  await tx.insertTaskRuns(inserts.flat());
  return new Map(made.map(({ key }, index) => [key, (inserts[index] ?? []).map(asInserted)]));
}

/** `laneIds`: task by task. */
function taskRunsOf({ key: runKey, plan, part }: MadeRun, laneIds: readonly number[]): readonly TaskRunInsert[] {
  const { run, pipeline, firstKey } = plan;
  const { upstream, gates } = pipeline.graph;
  const isPart = new Set(part);
  const countOf = (indexes: readonly number[] = []): number =>
    run.only === undefined ? indexes.length : indexes.filter((index) => isPart.has(index)).length;
  return part.map((taskIndex, position) => ({
    ...{ key: firstKey + taskIndex, runKey, taskIndex, laneId: laneIds[position] ?? 0 },
    ...{ total: countOf(upstream[taskIndex]), gates: countOf(gates[taskIndex]) },
  }));
}

/** The different lanes of task runs, each once. */
class WantedLanes {
  readonly #indexes = new Map<string, number>();
  readonly #lanes: LaneRequest[] = [];

  get all(): readonly LaneRequest[] {
    return this.#lanes;
  }

  /** The place of a task's lane among them all. The limits are those that are asked for last. */
  want({ run, pipeline, priorities }: PlannedRun, taskIndex: number): number {
    const task = pipeline.spec.tasks[taskIndex];
    if (task === undefined) throw new Error(`Pipeline "${run.pipeline}" has no task ${taskIndex}`);
    const priority = priorities?.[taskIndex] ?? task.priority;
    const lane = laneOf(run, { ...task, priority }, pipeline);
    const name = JSON.stringify(lane.key);
    const index = this.#indexes.get(name) ?? this.#lanes.length;
    this.#indexes.set(name, index);
    this.#lanes[index] = lane;
    return index;
  }
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
