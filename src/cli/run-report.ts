import type { Failure } from "../core/failure.ts";
import { type Instant, iso } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { shownTaskRuns, taskRunName } from "../core/shown-task-runs.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { AttemptRecord, RunRecord, TaskRunRecord } from "../store/store.ts";

/** A run as `--json` shows it; instants are ISO 8601 in UTC. */
export interface RunReport {
  readonly id: string;
  readonly pipeline: string;
  readonly state: RunState;
  readonly trigger: string;
  readonly ds: string;
  /** `partial`: no step of the schedule as it is now, because the schedule was changed at its start. */
  readonly interval: { readonly start: string; readonly end: string; readonly partial?: true };
  /** The schedule whose interval it is, whatever has started the run. */
  readonly schedule?: string;
  /** The zone in which `ds` is the date of the interval's start. */
  readonly timezone: string;
  readonly params: Json;
  readonly version: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly durationMs?: number;
  readonly reason?: string;
  /** The backfill that has made it. */
  readonly backfill?: number;
  /** The run whose task has started this one. */
  readonly parent?: { readonly run: string; readonly depth: number };
}

/** A run with everything in it. */
export interface FullRunReport extends RunReport {
  readonly tasks: readonly TaskReport[];
}

export interface TaskReport {
  /** `load`; of a task run for one item of a map `load[3]`. */
  readonly name: string;
  /** Of an item: the name without it, the place of the item, and what the item is called. */
  readonly task?: string;
  readonly mapKey?: string;
  readonly label?: string;
  readonly state: TaskRunState;
  /** Attempts of the newest generation. */
  readonly attempts: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Of the newest attempt. */
  readonly durationMs?: number;
  /** Of all attempts of the newest generation. */
  readonly cpuMs?: number;
  readonly peakMemoryBytes?: number;
  readonly reason?: string;
  readonly failure?: Failure;
}

/** The rows that a report is made of. */
export interface RunRows {
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  readonly taskRuns: readonly TaskRunRecord[];
  readonly attempts: readonly AttemptRecord[];
}

export function runReport(run: RunRecord): RunReport {
  return {
    id: run.id,
    pipeline: run.pipeline,
    state: run.state,
    trigger: run.trigger,
    ds: run.ds,
    interval: {
      ...{ start: iso(run.interval.start), end: iso(run.interval.end) },
      ...(run.isPartial ? { partial: true as const } : {}),
    },
    ...(run.schedule === undefined ? {} : { schedule: run.schedule }),
    timezone: run.timezone,
    params: run.params,
    version: run.versionHash,
    createdAt: iso(run.createdAt),
    ...span(run.startedAt, run.finishedAt),
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    ...(run.backfill === undefined ? {} : { backfill: run.backfill }),
    ...(run.parent === undefined ? {} : { parent: { run: run.parent.runId, depth: run.parent.depth } }),
  };
}

export function fullRunReport(rows: RunRows): FullRunReport {
  return { ...runReport(rows.run), tasks: [...taskReports(rows)] };
}

/** In the order of the pipeline and of the items of maps, one after the other: of a large map only JSON needs all. */
export function* taskReports({ pipeline, taskRuns, attempts }: RunRows): Generator<TaskReport> {
  const byTask = Map.groupBy(attempts, ({ taskIndex }) => taskIndex);
  let ofTask: { readonly index: number; readonly byItem: ReadonlyMap<string, readonly AttemptRecord[]> } | undefined;
  for (const row of shownTaskRuns(pipeline, taskRuns)) {
    const { taskIndex: index, mapKey, generation } = row;
    if (ofTask?.index !== index)
      ofTask = { index, byItem: Map.groupBy(byTask.get(index) ?? [], (attempt) => attempt.mapKey) };
    const newest = ofTask.byItem.get(mapKey)?.filter((attempt) => attempt.generation === generation);
    yield taskReport(pipeline.tasks[index]?.name ?? `task ${index}`, row, newest ?? []);
  }
}

function taskReport(task: string, row: TaskRunRecord, attempts: readonly AttemptRecord[]): TaskReport {
  const last = attempts.at(-1);
  const usages = attempts.flatMap((attempt) => attempt.usage ?? []);
  return {
    name: taskRunName(task, row.mapKey),
    ...(row.mapKey === "" ? {} : { task, mapKey: row.mapKey }),
    ...(row.label === undefined ? {} : { label: row.label }),
    state: row.state,
    attempts: row.attempt,
    ...span(last?.startedAt, last?.finishedAt),
    ...(usages.length === 0 ? {} : { cpuMs: usages.reduce((sum, usage) => sum + usage.cpuMs, 0) }),
    ...(usages.length === 0 ? {} : { peakMemoryBytes: Math.max(...usages.map((usage) => usage.peakMemoryBytes)) }),
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.failure === undefined ? {} : { failure: row.failure }),
  };
}

function span(
  start: Instant | undefined,
  end: Instant | undefined,
): Pick<RunReport, "startedAt" | "finishedAt" | "durationMs"> {
  return {
    ...(start === undefined ? {} : { startedAt: iso(start) }),
    ...(end === undefined ? {} : { finishedAt: iso(end) }),
    ...(start === undefined || end === undefined ? {} : { durationMs: end - start }),
  };
}
