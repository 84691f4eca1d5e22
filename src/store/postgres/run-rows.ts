import { newestRuns } from "../newest-runs.ts";
import type { EndedRunRow, FullRunRow, RunRow } from "../rows.ts";
import type { RunFilter, RunId } from "../store.ts";
import type { RunInsert } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";

/** Gives the keys of the runs, in order; undefined where an id exists already, and for the second of two that share it. */
export async function insertRuns(
  db: PostgresConnection,
  runs: readonly RunInsert[],
  now: number,
): Promise<readonly (number | undefined)[]> {
  if (runs.length === 0) return [];
  const of = <Name extends keyof RunInsert>(name: Name) => runs.map((run) => run[name]);
  const made = await db.all<{ id: RunId; key: number }>(
    INSERT,
    ...[now, of("id"), of("project"), of("pipeline"), of("firstKey"), of("taskCount"), of("requestKey")],
    ...[of("versionHash"), of("backfill"), runs.map(madeBy)],
  );
  const keys = new Map(made.map(({ id, key }) => [id, key]));
  const found = runs.map(({ id }) => {
    const key = keys.get(id);
    keys.delete(id);
    return key;
  });
  insertRequests(db, runs, found);
  return found;
}

function insertRequests(
  db: PostgresConnection,
  runs: readonly RunInsert[],
  keys: readonly (number | undefined)[],
): void {
  const made = runs.filter((_, index) => keys[index] !== undefined);
  if (made.length === 0) return;
  const of = <Name extends keyof RunInsert>(name: Name) => made.map((run) => run[name]);
  db.send(
    INSERT_REQUESTS,
    ...[keys.filter((key) => key !== undefined), of("trigger"), of("intervalStart"), of("intervalEnd"), of("timezone")],
    ...[of("ds"), of("params"), of("onlyTasks"), of("borrowsFrom"), of("actor"), of("project"), of("pipeline")],
    ...[of("schedule"), of("isPartial"), of("isWide")],
  );
}

/** What a run of a backfill starts is no run of it. */
function madeBy({ trigger, backfill }: RunInsert): number | null {
  return trigger === "backfill" ? backfill : null;
}

/**
 * Locks the runs of these task runs, always in the same order, and reads them. The lock is a lock of its own and not
 * that of the row: taking it gives the transaction no number yet, so that a transaction that waits for another here
 * has the higher number, and events read in the order of those numbers tell what happened in its order.
 */
export async function lockRunsOf(
  db: PostgresConnection,
  lockClass: number,
  taskRunKeys: readonly number[],
): Promise<readonly RunRow[]> {
  db.send(LOCK_OF_TASK_RUNS, lockClass, taskRunKeys);
  return db.all<RunRow>(SELECT_OF_TASK_RUNS, taskRunKeys);
}

export async function lockRun(db: PostgresConnection, lockClass: number, id: RunId): Promise<RunRow | undefined> {
  db.send(LOCK_BY_ID, lockClass, id);
  return db.get<RunRow>(SELECT_BY_ID, id);
}

export function selectFullRun(db: PostgresConnection, id: RunId): Promise<FullRunRow | undefined> {
  return db.get<FullRunRow>(SELECT_FULL_BY_ID, id);
}

export function selectRunsWithIds(db: PostgresConnection, ids: readonly RunId[]): Promise<readonly FullRunRow[]> {
  return db.all<FullRunRow>(SELECT_WITH_IDS, ids);
}

/** Newest first. Not prepared: filters come in many kinds, and none of them is hot. */
export function selectFullRuns(db: PostgresConnection, filter: RunFilter): Promise<readonly FullRunRow[]> {
  const { sql, values } = newestRuns(filter);
  let place = 0;
  const wanted = sql.replaceAll("?", () => `$${++place}`);
  return db.all<FullRunRow>({ text: fullRuns(wanted) }, ...values);
}

/** Unfinished runs of which nothing is ready, leased, retrying or deferred. */
export async function selectStalledRuns(db: PostgresConnection): Promise<readonly RunId[]> {
  return (await db.all<{ id: RunId }>(SELECT_STALLED)).map((row) => row.id);
}

/** Keys are given in the order of the runs. */
const INSERT = {
  name: "insert_runs",
  text: `
    insert into run (id, project, pipeline, version_key, state, first_key, task_count, unfinished, failing, created_at,
      request_key, backfill_key, made_by_backfill)
    select wanted.id, wanted.project, wanted.pipeline, version.key, 'queued', first_key, task_count, task_count, 0, $1,
      request_key, backfill, made_by
    from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::integer[], $7::text[], $8::text[], $9::bigint[],
        $10::bigint[])
      with ordinality
        as wanted (id, project, pipeline, first_key, task_count, request_key, version_hash, backfill, made_by, place)
      join version on version.hash = wanted.version_hash
    order by wanted.place
    on conflict (id) do nothing
    returning id, key`,
};

const INSERT_REQUESTS = {
  name: "insert_run_requests",
  text: `
    insert into run_request (run_key, trigger_kind, interval_start, interval_end, timezone, ds, params, only_tasks,
      borrows_from, actor, project, pipeline, schedule, is_partial, is_wide)
    select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
      $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::boolean[])`,
};

/** A lock number has 32 bits; two runs that share one wait for each other without need, in the same order as all. */
const LOCK_NUMBER = "(run_key % 2147483647)::integer";

const LOCK_OF_TASK_RUNS = {
  name: "lock_runs_of_task_runs",
  text: `
    select pg_advisory_xact_lock($1, number)
    from (
      select distinct ${LOCK_NUMBER} as number from task_run where key = any($2::bigint[]) order by number
    ) as wanted`,
};

const LOCK_BY_ID = {
  name: "lock_run",
  text: `
    select pg_advisory_xact_lock($1, number)
    from (select ${LOCK_NUMBER} as number from (select key as run_key from run where id = $2) as found) as wanted`,
};

const COLUMNS = `
  run.key, run.id, run.project, run.pipeline, version.hash as "versionHash", run.state, run.first_key as "firstKey",
  run.task_count as "taskCount", run.unfinished, run.failing, run.started_at as "startedAt", run.finished_at as "finishedAt", run.reason,
  run.backfill_key as backfill`;

const SELECT_OF_TASK_RUNS = {
  name: "select_runs_of_task_runs",
  text: `
    select ${COLUMNS}
    from (select distinct run_key from task_run where key = any($1::bigint[])) as wanted
      join run on run.key = wanted.run_key join version on version.key = run.version_key
    order by run.key`,
};

const SELECT_BY_ID = {
  name: "select_run",
  text: `select ${COLUMNS} from run join version on version.key = run.version_key where run.id = $1`,
};

const FULL_COLUMNS = ` ${COLUMNS}, run.created_at as "createdAt", run.request_key as "requestKey", request.trigger_kind as trigger,
    request.interval_start as "intervalStart", request.interval_end as "intervalEnd", request.timezone, request.ds,
    request.params, request.only_tasks as "onlyTasks", request.borrows_from as "borrowsFrom", request.actor,
    request.schedule, request.is_partial as "isPartial",
    parent.id as "parentRun", starter.task_index as "parentTask", starter.map_key as "parentMapKey",
    root.id as "rootRun", child_run.depth`;

/** `wanted`: SQL for the keys of runs. */
function fullRuns(wanted: string): string {
  return `
    with wanted as materialized (${wanted})
    select ${FULL_COLUMNS}
    from wanted join run on run.key = wanted.key join version on version.key = run.version_key
      join run_request request on request.run_key = run.key left join child_run on child_run.child_key = run.key
      left join run parent on parent.key = child_run.run_key
      left join task_run starter on starter.key = child_run.task_run_key
      left join run root on root.key = child_run.root_key
    order by run.key desc`;
}

const SELECT_FULL_BY_ID = { name: "select_full_run", text: fullRuns("select key from run where id = $1") };

const SELECT_WITH_IDS = {
  name: "select_runs_with_ids",
  text: fullRuns("select key from run where id = any($1::text[])"),
};

const SELECT_STALLED = {
  name: "select_stalled_runs",
  text: `
    select id from run
    where finished_at is null and state <> 'queued'
      and not exists (select 1 from ready where ready.run_key = run.key)
      and not exists (select 1 from lease where lease.run_key = run.key)
      and not exists (select 1 from waiting where waiting.run_key = run.key)
    order by key`,
};

/** The newest runs of a pipeline, but those of backfills, that have ended and were not cancelled. */
export function selectLastEnded(
  db: PostgresConnection,
  { project, pipeline, limit }: { readonly project: string; readonly pipeline: string; readonly limit: number },
): Promise<readonly EndedRunRow[]> {
  return db.all<EndedRunRow>(SELECT_LAST_ENDED, project, pipeline, limit);
}

const SELECT_LAST_ENDED = {
  name: "select_last_ended_runs",
  text: `
    select key, state from (${lastOf("success")} union all ${lastOf("failed")}) as ended order by key desc limit $3`,
};

/** Each state on its own, for which there is an index: however many were cancelled meanwhile. */
function lastOf(state: "success" | "failed"): string {
  return `
    (select key, state from run
      where project = $1 and pipeline = $2 and state = '${state}' and finished_at is not null
        and backfill_key is null
      order by key desc limit $3)`;
}
