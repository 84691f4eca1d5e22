import { newestRuns } from "../newest-runs.ts";
import type { EndedRunRow, FullRunRow, RunRow } from "../rows.ts";
import type { RunFilter, RunId } from "../store.ts";
import type { RunInsert } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

/** Gives the run's key; undefined when its id exists already. */
export function insertRun(db: SqliteConnection, run: RunInsert, now: number): number | undefined {
  const { id, project, pipeline, versionHash, firstKey, taskCount, requestKey, backfill } = run;
  const made = db.get<{ key: number }>(
    INSERT,
    ...[id, project, pipeline, firstKey, taskCount, taskCount, now, requestKey, backfill, madeBy(run), versionHash],
  );
  if (made === undefined) return undefined;
  const { trigger, intervalStart, intervalEnd, timezone, ds, params, onlyTasks, borrowsFrom, actor } = run;
  const { schedule, isPartial, isWide } = run;
  db.run(
    INSERT_REQUEST,
    ...[made.key, trigger, intervalStart, intervalEnd, timezone, ds, params, onlyTasks, borrowsFrom, actor],
    ...[project, pipeline, schedule, isPartial ? 1 : 0, isWide ? 1 : 0],
  );
  return made.key;
}

/** What a run of a backfill starts is no run of it. */
function madeBy({ trigger, backfill }: RunInsert): number | null {
  return trigger === "backfill" ? backfill : null;
}

/** The runs of these task runs. SQLite has one writer, which needs no further lock. */
export function selectRunsOf(db: SqliteConnection, taskRunKeys: readonly number[]): readonly RunRow[] {
  return db.all<RunRow>(SELECT_OF_TASK_RUNS, JSON.stringify(taskRunKeys));
}

export function selectRun(db: SqliteConnection, id: RunId): RunRow | undefined {
  return db.get<RunRow>(SELECT_BY_ID, id);
}

export function selectFullRun(db: SqliteConnection, id: RunId): FullRunRow | undefined {
  return db.get<FullRunRow>(SELECT_FULL_BY_ID, id);
}

/** Newest first. */
export function selectFullRuns(db: SqliteConnection, filter: RunFilter): readonly FullRunRow[] {
  const { sql, values } = newestRuns(filter);
  return db.all<FullRunRow>(fullRuns(sql), ...values);
}

/** Unfinished runs of which nothing is ready, leased, retrying or deferred. */
export function selectStalledRuns(db: SqliteConnection): readonly RunId[] {
  return db.all<{ id: RunId }>(SELECT_STALLED).map((row) => row.id);
}

const INSERT = `
  insert into run (id, project, pipeline, version_key, state, first_key, task_count, unfinished, failing, created_at,
    request_key, backfill_key, made_by_backfill)
  select ?, ?, ?, version.key, 'queued', ?, ?, ?, 0, ?, ?, ?, ? from version where version.hash = ?
  on conflict (id) do nothing
  returning key`;

const INSERT_REQUEST = `
  insert into run_request (run_key, trigger_kind, interval_start, interval_end, timezone, ds, params, only_tasks,
    borrows_from, actor, project, pipeline, schedule, is_partial, is_wide)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const COLUMNS = `
  run.key, run.id, run.project, run.pipeline, version.hash as versionHash, run.state, run.first_key as firstKey,
  run.task_count as taskCount, run.unfinished, run.failing, run.started_at as startedAt, run.finished_at as finishedAt, run.reason,
  run.backfill_key as backfill`;

const SELECT_OF_TASK_RUNS = `
  select ${COLUMNS}
  from run join version on version.key = run.version_key
  where run.key in (select run_key from task_run where key in (select value from json_each(?)))
  order by run.key`;

const SELECT_BY_ID = `select ${COLUMNS} from run join version on version.key = run.version_key where run.id = ?`;

const FULL_COLUMNS = ` ${COLUMNS}, run.created_at as createdAt, run.request_key as requestKey, request.trigger_kind as trigger,
    request.interval_start as intervalStart, request.interval_end as intervalEnd, request.timezone, request.ds,
    request.params, request.only_tasks as onlyTasks, request.borrows_from as borrowsFrom, request.actor,
    request.schedule, request.is_partial as isPartial,
    parent.id as parentRun, starter.task_index as parentTask, starter.map_key as parentMapKey, root.id as rootRun,
  child_run.depth`;

/** `wanted`: SQL for the keys of runs. */
function fullRuns(wanted: string): string {
  return `
    select ${FULL_COLUMNS}
    from (${wanted}) as wanted cross join run on run.key = wanted.key cross join version on version.key = run.version_key
      cross join run_request request on request.run_key = run.key left join child_run on child_run.child_key = run.key
      left join run parent on parent.key = child_run.run_key
      left join task_run starter on starter.key = child_run.task_run_key
      left join run root on root.key = child_run.root_key
    order by run.key desc`;
}

const SELECT_FULL_BY_ID = fullRuns("select key from run where id = ?");

const SELECT_STALLED = `
  select id from run
  where finished_at is null and state <> 'queued'
    and not exists (select 1 from ready where ready.run_key = run.key)
    and not exists (select 1 from lease where lease.run_key = run.key)
    and not exists (select 1 from waiting where waiting.run_key = run.key)
  order by key`;

/** The newest runs of a pipeline, but those of backfills, that have ended and were not cancelled. */
export function selectLastEnded(
  db: SqliteConnection,
  { project, pipeline, limit }: { readonly project: string; readonly pipeline: string; readonly limit: number },
): readonly EndedRunRow[] {
  return db.all<EndedRunRow>(SELECT_LAST_ENDED, ...[project, pipeline, limit], ...[project, pipeline, limit], limit);
}

/** Each state on its own, for which there is an index: however many were cancelled meanwhile. */
const SELECT_LAST_ENDED = `
  select key, state from (${lastOf("success")} union all ${lastOf("failed")}) order by key desc limit ?`;

function lastOf(state: "success" | "failed"): string {
  return `
    select key, state from (
      select key, state from run
      where project = ? and pipeline = ? and state = '${state}' and finished_at is not null
        and backfill_key is null
      order by key desc limit ?)`;
}
