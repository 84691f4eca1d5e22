import type { PastWaitRow, RunRow } from "../rows.ts";
import type { RunPage } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";

/** Deferred task runs with this reason, in the order of their runs' intervals. */
export function selectPastWaits(db: PostgresConnection, reason: string): Promise<readonly PastWaitRow[]> {
  return db.all<PastWaitRow>(SELECT_WAITS, reason);
}

/** Runs of the same pipeline and schedule with an earlier interval: the latest first, and the newest of each. */
export function selectEarlierRuns(
  db: PostgresConnection,
  { project, pipeline, schedule, intervalStart, intervalEnd }: PastWaitRow,
  { limit, skipped }: RunPage,
): Promise<readonly Pick<RunRow, "id" | "versionHash">[]> {
  const before = [project, pipeline, schedule, intervalStart, intervalEnd];
  return db.all<Pick<RunRow, "id" | "versionHash">>(SELECT_EARLIER, ...before, limit, skipped);
}

/** Whether nothing of a run is ready or leased, and so many of it wait. */
export async function selectWaitsAlone(db: PostgresConnection, runKey: number, waits: number): Promise<boolean> {
  return (await db.get<{ isAlone: boolean }>(SELECT_ALONE, runKey, waits))?.isAlone === true;
}

const SELECT_WAITS = {
  name: "select_past_waits",
  text: `
    select task_run.key as "taskRunKey", task_run.task_index as "taskIndex", run.key as "runKey", run.id as "runId",
      run.project, run.pipeline, version.hash as "versionHash", request.schedule,
      request.interval_start as "intervalStart", request.interval_end as "intervalEnd"
    from waiting join task_run on task_run.key = waiting.task_run_key
      join run on run.key = task_run.run_key join version on version.key = run.version_key
      join run_request as request on request.run_key = run.key
    where waiting.due_at is null and task_run.state = 'deferred' and task_run.reason = $1
    order by request.interval_start, request.interval_end, task_run.key`,
};

const SELECT_EARLIER = {
  name: "select_earlier_runs",
  text: `
    select run.id, version.hash as "versionHash"
    from (
      select run_key, interval_start, interval_end from run_request
      where project = $1 and pipeline = $2 and schedule = $3 and (interval_start, interval_end) < ($4, $5)
      order by interval_start desc, interval_end desc, run_key desc limit $6 offset $7
    ) as request
      join run on run.key = request.run_key join version on version.key = run.version_key
    order by request.interval_start desc, request.interval_end desc, request.run_key desc`,
};

const SELECT_ALONE = {
  name: "select_waits_alone",
  text: `
    select not exists (select 1 from ready where ready.run_key = $1)
      and not exists (select 1 from lease where lease.run_key = $1)
      and (select count(*) from waiting where waiting.run_key = $1) = $2::integer as "isAlone"`,
};
