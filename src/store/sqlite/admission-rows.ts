import type { DurationRow, LoadRow, PipelineName } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

/** Pipelines of which a run waits for its place. Jumps from one to the next, however many runs wait. */
export function selectPipelinesWithQueuedRuns(db: SqliteConnection): readonly PipelineName[] {
  const names: PipelineName[] = [];
  let next = db.get<PipelineName>(SELECT_NEXT, "", "");
  while (next !== undefined) {
    names.push(next);
    next = db.get<PipelineName>(SELECT_NEXT, next.project, next.pipeline);
  }
  return names;
}

export function selectPipelineLoad(db: SqliteConnection, { project, pipeline }: PipelineName): LoadRow {
  const limit = db.get<Pick<LoadRow, "slots" | "override">>(SELECT_LIMIT, project, `runs:${pipeline}`);
  const name = [project, pipeline];
  const counts = db.get<Omit<LoadRow, "slots" | "override">>(SELECT_LOAD, ...name, ...name, COUNTED_MAX, ...name);
  if (counts === undefined) throw new Error("A question that asks for counts has always an answer");
  return { ...counts, slots: limit?.slots ?? null, override: limit?.override ?? null };
}

/** Runs that wait for a place, the oldest first. */
export function selectQueuedRuns(db: SqliteConnection, name: PipelineName, limit: number): readonly RunId[] {
  return db.all<{ id: RunId }>(SELECT_QUEUED, name.project, name.pipeline, limit).map(({ id }) => id);
}

/** What tasks took in the last successful runs of a pipeline. */
export function selectTaskDurations(db: SqliteConnection, name: PipelineName, runs: number): readonly DurationRow[] {
  return db.all<DurationRow>(SELECT_DURATIONS, name.project, name.pipeline, runs);
}

const SELECT_DURATIONS = `
  select version.hash as versionHash, task_run.task_index as taskIndex,
    avg(task_run.finished_at - task_run.started_at) as durationMs
  from (
    select key, version_key from run where project = ? and pipeline = ? and state = 'success' and finished_at is not null order by key desc limit ?
  ) as wanted
    cross join task_run on task_run.run_key = wanted.key cross join version on version.key = wanted.version_key
  where task_run.state = 'success' and task_run.started_at is not null
  group by version.key, task_run.task_index
  order by version.key, task_run.task_index`;

const SELECT_NEXT = `
  select project, pipeline from run
  where state = 'queued' and reason is null and (project, pipeline) > (?, ?)
  order by project, pipeline limit 1`;

/** Of runs that wait: enough to see that there is no room for one more. */
const COUNTED_MAX = 1_000;

const SELECT_LOAD = `
  select
    (select count(*) from run where state = 'running' and backfill_key is null and project = ? and pipeline = ?) as running,
    (select count(*) from (
      select 1 from run where state = 'queued' and project = ? and pipeline = ? limit ?)) as queued,
    exists (select 1 from pipeline_state where project = ? and pipeline = ?) as isPaused`;

const SELECT_LIMIT = "select slots, override from scope where project = ? and name = ?";

const SELECT_QUEUED = `
  select id from run
  where state = 'queued' and reason is null and project = ? and pipeline = ?
  order by key limit ?`;
