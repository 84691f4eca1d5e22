import type { PastWaitRow, RunRow } from "../rows.ts";
import type { RunPage } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

/** Deferred task runs with this reason, in the order of their runs' intervals. */
export function selectPastWaits(db: SqliteConnection, reason: string): readonly PastWaitRow[] {
  return db.all<PastWaitRow>(SELECT_WAITS, reason);
}

/** Runs of the same pipeline and schedule with an earlier interval: the latest first, and the newest of each. */
export function selectEarlierRuns(
  db: SqliteConnection,
  { project, pipeline, schedule, intervalStart, intervalEnd }: PastWaitRow,
  { limit, skipped }: RunPage,
): readonly Pick<RunRow, "id" | "versionHash">[] {
  const before = [project, pipeline, schedule, intervalStart, intervalEnd];
  return db.all<Pick<RunRow, "id" | "versionHash">>(SELECT_EARLIER, ...before, limit, skipped);
}

/** Whether nothing of a run is ready or leased, and so many of it wait. */
export function selectWaitsAlone(db: SqliteConnection, runKey: number, waits: number): boolean {
  return db.get<{ isAlone: number }>(SELECT_ALONE, runKey, runKey, runKey, waits)?.isAlone === 1;
}

const SELECT_WAITS = `
  select task_run.key as taskRunKey, task_run.task_index as taskIndex, run.key as runKey, run.id as runId,
    run.project, run.pipeline, version.hash as versionHash, request.schedule,
    request.interval_start as intervalStart, request.interval_end as intervalEnd
  from waiting cross join task_run on task_run.key = waiting.task_run_key
    cross join run on run.key = task_run.run_key cross join version on version.key = run.version_key
    cross join run_request request on request.run_key = run.key
  where waiting.due_at is null and task_run.state = 'deferred' and task_run.reason = ?
  order by request.interval_start, request.interval_end, task_run.key`;

const SELECT_EARLIER = `
  select run.id, version.hash as versionHash
  from run_request request cross join run on run.key = request.run_key
    cross join version on version.key = run.version_key
  where request.project = ? and request.pipeline = ? and request.schedule = ?
    and (request.interval_start, request.interval_end) < (?, ?)
  order by request.interval_start desc, request.interval_end desc, request.run_key desc limit ? offset ?`;

const SELECT_ALONE = `
  select not exists (select 1 from ready where run_key = ?) and not exists (select 1 from lease where run_key = ?)
    and (select count(*) from waiting where run_key = ?) = ? as isAlone`;
