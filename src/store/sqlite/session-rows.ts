import type { SessionRow } from "../rows.ts";
import type { NewSession, SessionId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

export function insertSession(db: SqliteConnection, session: NewSession, now: number): void {
  const { hostname, hostId, pid, startTime } = session.process;
  const { id, project, role, leaseMs, backfill = null } = session;
  const runs = session.runs === null ? null : JSON.stringify(session.runs);
  db.run(INSERT, ...[id, project, role, hostname, hostId, pid, startTime, leaseMs, runs, backfill, now, now]);
}

/** Whether it was still open. */
export function updateRenewed(db: SqliteConnection, id: SessionId, now: number): boolean {
  return db.run(RENEW, now, id) > 0;
}

export function updateClosed(db: SqliteConnection, ids: readonly SessionId[], now: number): void {
  for (const id of ids) db.run(CLOSE, now, id);
}

export function selectOpenSessions(db: SqliteConnection): readonly SessionRow[] {
  return db.all<SessionRow>(SELECT_OPEN);
}

const INSERT = `
  insert into session (id, project, role, hostname, host_id, pid, start_time, lease_ms, runs, backfill_key,
    opened_at, renewed_at)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (id) do nothing`;

const RENEW = "update session set renewed_at = ? where id = ? and closed_at is null";

const CLOSE = "update session set closed_at = ? where id = ? and closed_at is null";

const SELECT_OPEN = `
  select key, id, project, role, hostname, host_id as hostId, pid, start_time as startTime, lease_ms as leaseMs, runs,
    backfill_key as backfill, opened_at as openedAt, renewed_at as renewedAt
  from session where closed_at is null order by key`;
