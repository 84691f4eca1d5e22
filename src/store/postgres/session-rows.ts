import type { SessionRow } from "../rows.ts";
import type { NewSession, SessionId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

export function insertSession(db: PostgresConnection, session: NewSession, now: number): void {
  const { hostname, hostId, pid, startTime } = session.process;
  const { id, project, role, leaseMs, backfill = null } = session;
  const runs = session.runs === null ? null : JSON.stringify(session.runs);
  db.send(INSERT, id, project, role, hostname, hostId, pid, startTime, leaseMs, runs, now, backfill);
}

/** Whether it was still open. */
export async function updateRenewed(db: PostgresConnection, id: SessionId, now: number): Promise<boolean> {
  return (await db.all(RENEW, now, id)).length > 0;
}

export function updateClosed(db: PostgresConnection, ids: readonly SessionId[], now: number): void {
  db.send(CLOSE, now, ids);
}

export function selectOpenSessions(db: PostgresConnection): Promise<readonly SessionRow[]> {
  return db.all<SessionRow>(SELECT_OPEN);
}

const INSERT = {
  name: "insert_session",
  text: `
    insert into session (id, project, role, hostname, host_id, pid, start_time, lease_ms, runs, opened_at, renewed_at,
      backfill_key)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
    on conflict (id) do nothing`,
};

const RENEW = {
  name: "renew_session",
  text: "update session set renewed_at = $1 where id = $2 and closed_at is null returning key",
};

const CLOSE = {
  name: "close_sessions",
  text: "update session set closed_at = $1 where id = any($2::text[]) and closed_at is null",
};

const SELECT_OPEN = {
  name: "select_open_sessions",
  text: `
    select key, id, project, role, hostname, host_id as "hostId", pid, start_time as "startTime",
      lease_ms as "leaseMs", runs, backfill_key as backfill, opened_at as "openedAt", renewed_at as "renewedAt"
    from session where closed_at is null order by key`,
};
