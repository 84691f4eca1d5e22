import type { DurationRow, LoadRow, PipelineName } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

/** Pipelines of which a run waits for its place. Jumps from one to the next, however many runs wait. */
export function selectPipelinesWithQueuedRuns(db: PostgresConnection): Promise<readonly PipelineName[]> {
  return db.all<PipelineName>(SELECT_PIPELINES);
}

/** A lock of its own, taken before the transaction has a number: see `lockRunsOf`. */
export function lockPipeline(db: PostgresConnection, lockClass: number, { project, pipeline }: PipelineName): void {
  db.send(LOCK, lockClass, project, pipeline);
}

export async function selectPipelineLoad(
  db: PostgresConnection,
  { project, pipeline }: PipelineName,
): Promise<LoadRow> {
  const row = await db.get<LoadRow>(SELECT_LOAD, project, pipeline, `runs:${pipeline}`, COUNTED_MAX);
  if (row === undefined) throw new Error("A question that asks for counts has always an answer");
  return row;
}

/** Runs that wait for a place, the oldest first. */
export async function selectQueuedRuns(
  db: PostgresConnection,
  { project, pipeline }: PipelineName,
  limit: number,
): Promise<readonly RunId[]> {
  return (await db.all<{ id: RunId }>(SELECT_QUEUED, project, pipeline, limit)).map(({ id }) => id);
}

/** What tasks took in the last successful runs of a pipeline. */
export function selectTaskDurations(
  db: PostgresConnection,
  { project, pipeline }: PipelineName,
  runs: number,
): Promise<readonly DurationRow[]> {
  return db.all<DurationRow>(SELECT_DURATIONS, project, pipeline, runs);
}

const SELECT_DURATIONS = {
  name: "select_task_durations",
  text: `
    with wanted as materialized (
      select key, version_key from run
      where run.project = $1 and run.pipeline = $2 and run.state = 'success' and finished_at is not null
      order by key desc limit $3
    )
    select version.hash as "versionHash", task_run.task_index as "taskIndex",
      avg(task_run.finished_at - task_run.started_at)::float8 as "durationMs"
    from wanted
      join task_run on task_run.run_key = wanted.key join version on version.key = wanted.version_key
    where task_run.state = 'success' and task_run.started_at is not null
    group by version.key, version.hash, task_run.task_index
    order by version.key, task_run.task_index`,
};

/** Of runs that wait: enough to see that there is no room for one more. */
const COUNTED_MAX = 1_000;

const SELECT_PIPELINES = {
  name: "select_pipelines_with_queued_runs",
  text: `
    with recursive pipelines (project, pipeline) as (
      (select project, pipeline from run
        where state = 'queued' and reason is null
        order by project, pipeline limit 1)
      union all
      select next.project, next.pipeline
      from pipelines cross join lateral (
        select run.project, run.pipeline from run
        where run.state = 'queued' and run.reason is null
          and (run.project, run.pipeline) > (pipelines.project, pipelines.pipeline)
        order by run.project, run.pipeline limit 1
      ) as next
    )
    select project, pipeline from pipelines`,
};

const LOCK = {
  name: "lock_pipeline",
  text: "select pg_advisory_xact_lock($1, hashtext($2 || ' ' || $3))",
};

const SELECT_LOAD = {
  name: "select_pipeline_load",
  text: `
    select
      (select count(*)::integer from run
        where run.state = 'running' and run.backfill_key is null and run.project = $1 and run.pipeline = $2) as running,
      (select count(*)::integer from (
        select 1 from run where run.state = 'queued' and run.project = $1 and run.pipeline = $2 limit $4
      ) as waiting) as queued,
      (select slots from scope where scope.project = $1 and scope.name = $3) as slots,
      (select override from scope where scope.project = $1 and scope.name = $3) as override,
      exists (
        select 1 from pipeline_state where pipeline_state.project = $1 and pipeline_state.pipeline = $2
      ) as "isPaused"`,
};

const SELECT_QUEUED = {
  name: "select_queued_runs",
  text: `
    select id from run
    where state = 'queued' and reason is null and project = $1 and pipeline = $2
    order by key limit $3`,
};
