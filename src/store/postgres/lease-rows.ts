import type { LeaseCounts, LeaseRow } from "../rows.ts";
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

/** Attempts of live runs and of backfills that a session holds. */
export async function countLeases(db: PostgresConnection, session: SessionId): Promise<LeaseCounts> {
  return (await db.get<LeaseCounts>(COUNT, session)) ?? { live: 0, background: 0 };
}

const COUNT = {
  name: "count_leases",
  text: `
    select count(*) filter (where run.backfill_key is null)::integer as live,
      count(run.backfill_key)::integer as background
    from session join lease on lease.session_key = session.key join run on run.key = lease.run_key
    where session.id = $1`,
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
