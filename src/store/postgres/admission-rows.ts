import type { DurationRow, LoadRow, PipelineName } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

/** Pipelines of which a run waits for its place. Jumps from one to the next, however many runs wait. */
export function selectPipelinesWithQueuedRuns(db: PostgresConnection): Promise<readonly PipelineName[]> {
  return db.all<PipelineName>(SELECT_PIPELINES);
}

/** Locks of their own, taken before the transaction has a number: see `lockRunsOf`. */
export function lockPipelines(db: PostgresConnection, lockClass: number, names: readonly PipelineName[]): void {
  if (names.length > 0) db.send(LOCK, lockClass, ...columnsOf(names));
}

export async function selectPipelineLoad(db: PostgresConnection, name: PipelineName): Promise<LoadRow> {
  const [row] = await selectPipelineLoads(db, [name]);
  if (row === undefined) throw new Error("A question that asks for counts has always an answer");
  return row;
}

/** In the order of the names. */
export async function selectPipelineLoads(
  db: PostgresConnection,
  names: readonly PipelineName[],
): Promise<readonly LoadRow[]> {
  return names.length === 0 ? [] : db.all<LoadRow>(SELECT_LOADS, ...columnsOf(names), COUNTED_MAX);
}

function columnsOf(names: readonly PipelineName[]): readonly (readonly string[])[] {
  return [names.map(({ project }) => project), names.map(({ pipeline }) => pipeline)];
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
  name: "lock_pipelines",
  text: `
    select pg_advisory_xact_lock($1, hashtext(project || ' ' || pipeline))
    from (
      select project, pipeline
      from unnest($2::text[], $3::text[]) with ordinality as named (project, pipeline, place) order by place
    ) as wanted`,
};

/** Pipeline by pipeline, each count by its own index. */
const SELECT_LOADS = {
  name: "select_pipeline_loads",
  text: `
    select
      (select count(*)::integer from run
        where run.state = 'running' and run.backfill_key is null
          and run.project = wanted.project and run.pipeline = wanted.pipeline) as running,
      (select count(*)::integer from (
        select 1 from run
        where run.state = 'queued' and run.project = wanted.project and run.pipeline = wanted.pipeline limit $3
      ) as waiting) as queued,
      (select slots from scope where scope.project = wanted.project and scope.name = 'runs:' || wanted.pipeline) as slots,
      (select override from scope
        where scope.project = wanted.project and scope.name = 'runs:' || wanted.pipeline) as override,
      exists (
        select 1 from pipeline_state
        where pipeline_state.project = wanted.project and pipeline_state.pipeline = wanted.pipeline
      ) as "isPaused"
    from unnest($1::text[], $2::text[]) with ordinality as wanted (project, pipeline, place)
    order by wanted.place`,
};

const SELECT_QUEUED = {
  name: "select_queued_runs",
  text: `
    select id from run
    where state = 'queued' and reason is null and project = $1 and pipeline = $2
    order by key limit $3`,
};
