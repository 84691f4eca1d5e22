import type { LeaseRow } from "../rows.ts";
import type { SessionId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

export function selectLeases(db: PostgresConnection, taskRunKeys: readonly number[]): Promise<readonly LeaseRow[]> {
  return db.all<LeaseRow>(SELECT_BY_TASK_RUN, taskRunKeys);
}

export function selectLeasesOfSessions(
  db: PostgresConnection,
  ids: readonly SessionId[],
): Promise<readonly LeaseRow[]> {
  return db.all<LeaseRow>(SELECT_OF_SESSIONS, ids);
}

/** Attempts of backfills that a session holds. */
export async function countBackgroundLeases(db: PostgresConnection, session: SessionId): Promise<number> {
  return (await db.get<{ count: number }>(COUNT_BACKGROUND, session))?.count ?? 0;
}

const COUNT_BACKGROUND = {
  name: "count_background_leases",
  text: `
    select count(*)::integer as count
    from session join lease on lease.session_key = session.key join run on run.key = lease.run_key
    where session.id = $1 and run.backfill_key is not null`,
};

const COLUMNS = `
  lease.task_run_key as "taskRunKey", lease.run_key as "runKey", lease.token, session.id as "sessionId",
  lease.stop`;

const SELECT_BY_TASK_RUN = {
  name: "select_leases",
  text: `
    select ${COLUMNS} from lease join session on session.key = lease.session_key
    where lease.task_run_key = any($1::bigint[])`,
};

const SELECT_OF_SESSIONS = {
  name: "select_leases_of_sessions",
  text: `
    select ${COLUMNS} from session join lease on lease.session_key = session.key
    where session.id = any($1::text[])
    order by lease.task_run_key`,
};
