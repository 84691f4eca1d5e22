import type { LeaseCounts, LeaseRow } from "../rows.ts";
import type { SessionId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

export function selectLeases(db: SqliteConnection, taskRunKeys: readonly number[]): readonly LeaseRow[] {
  return db.all<LeaseRow>(SELECT_BY_TASK_RUN, JSON.stringify(taskRunKeys));
}

export function selectLeasesOfSessions(db: SqliteConnection, ids: readonly SessionId[]): readonly LeaseRow[] {
  return db.all<LeaseRow>(SELECT_OF_SESSIONS, JSON.stringify(ids));
}

/** Attempts of live runs and of backfills that a session holds. */
export function countLeases(db: SqliteConnection, session: SessionId): LeaseCounts {
  return db.get<LeaseCounts>(COUNT, session) ?? { live: 0, background: 0 };
}

const COUNT = `
  select count(*) filter (where run.backfill_key is null) as live, count(run.backfill_key) as background
  from session cross join lease on lease.session_key = session.key
    cross join run on run.key = lease.run_key
  where session.id = ?`;

const COLUMNS =
  "lease.task_run_key as taskRunKey, lease.run_key as runKey, lease.token, session.id as sessionId, lease.stop";

const SELECT_BY_TASK_RUN = `
  select ${COLUMNS} from lease cross join session on session.key = lease.session_key
  where lease.task_run_key in (select value from json_each(?))`;

const SELECT_OF_SESSIONS = `
  select ${COLUMNS} from session cross join lease on lease.session_key = session.key
  where session.id in (select value from json_each(?))
  order by lease.task_run_key`;
