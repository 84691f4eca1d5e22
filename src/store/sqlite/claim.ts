import type { LaneGrant } from "../../core/lane.ts";
import type { RunId } from "../store.ts";
import type { ClaimedRow, ClaimGrant, ClaimScope } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

interface ReadyRow {
  readonly laneId: number;
  readonly queuedAt: number;
  readonly key: number;
  readonly isLimited: boolean;
}

/** Moves ready task runs to running, oldest first; rows as they are after that. */
export function claimReady(
  db: SqliteConnection,
  grants: readonly ClaimGrant[],
  scope: ClaimScope,
  now: number,
): readonly ClaimedRow[] {
  const session = db.get<{ key: number }>(SELECT_SESSION, scope.session);
  if (session === undefined) return [];
  const taken = grants.flatMap((grant) => oldestReady(db, grant, scope.runs));
  for (const { laneId, count, isLimited } of grants) if (isLimited) countStarts(db, { laneId, count }, now);
  return taken.flatMap((ready) => {
    db.run(DELETE_READY, ready.laneId, ready.queuedAt, ready.key);
    const claimed = db.get<Omit<ClaimedRow, "runId">>(UPDATE_TASK_RUN, now, ready.key);
    if (claimed === undefined) throw new Error(`Task run ${ready.key} is ready but not queued`);
    db.run(INSERT_LEASE, claimed.key, claimed.token, session.key, ready.laneId, claimed.runKey);
    if (ready.isLimited) db.run(INSERT_SHARES, claimed.key, now, ready.laneId);
    db.run(INSERT_ATTEMPT, claimed.key, claimed.token, claimed.generation, claimed.attempt, session.key, now);
    return [{ ...claimed, runId: runId(db, claimed.runKey) }];
  });
}

function oldestReady(db: SqliteConnection, grant: ClaimGrant, runs: readonly RunId[] | undefined): readonly ReadyRow[] {
  const { laneId, count, isLimited } = grant;
  if (runs === undefined) {
    return db.all<Omit<ReadyRow, "isLimited">>(SELECT_READY, laneId, count).map((row) => ({ ...row, isLimited }));
  }
  // Run by run, so that each read follows the index whatever waits for other runs.
  return runs
    .flatMap((run) => db.all<Omit<ReadyRow, "isLimited">>(SELECT_READY_OF_RUN, run, laneId, count))
    .sort((one, other) => one.queuedAt - other.queuedAt || one.key - other.key)
    .slice(0, count)
    .map((row) => ({ ...row, isLimited }));
}

/** For the rates of the lane; starts that have left their window go. */
function countStarts(db: SqliteConnection, { laneId, count }: LaneGrant, now: number): void {
  db.run(DELETE_STARTS, laneId, now);
  db.run(INSERT_STARTS, now, count, laneId);
}

function runId(db: SqliteConnection, key: number): RunId {
  const row = db.get<{ id: RunId }>(SELECT_RUN_ID, key);
  if (row === undefined) throw new Error(`Run ${key} has task runs but no row`);
  return row.id;
}

const SELECT_SESSION = "select key from session where id = ? and closed_at is null";

const SELECT_READY = `
  select lane_id as laneId, queued_at as queuedAt, task_run_key as key from ready
  where lane_id = ? order by queued_at, task_run_key limit ?`;

const SELECT_READY_OF_RUN = `
  select lane_id as laneId, queued_at as queuedAt, task_run_key as key from ready
  where run_key = (select key from run where id = ?) and lane_id = ? order by queued_at, task_run_key limit ?`;

const DELETE_READY = "delete from ready where lane_id = ? and queued_at = ? and task_run_key = ?";

const UPDATE_TASK_RUN = `
  update task_run
  set state = 'running', attempt = attempt + 1, token = token + 1, started_at = coalesce(started_at, ?)
  where key = ? and state = 'queued'
  returning key, run_key as runKey, task_index as taskIndex, map_key as mapKey, generation, attempt, token, lost`;

const INSERT_LEASE = `
  insert into lease (task_run_key, token, session_key, lane_id, run_key) values (?, ?, ?, ?, ?)`;

const INSERT_SHARES = `
  insert into lease_scope (scope_id, task_run_key, weight, since)
  select scope_id, ?, weight, ? from lane_scope cross join scope on scope.id = lane_scope.scope_id
  where lane_id = ? and rate_limit is null`;

const DELETE_STARTS = `
  delete from rate_start
  where rowid in (
    select rate_start.rowid
    from lane_scope cross join scope on scope.id = lane_scope.scope_id
      cross join rate_start on rate_start.scope_id = scope.id
    where lane_id = ? and rate_limit is not null and rate_start.at <= ? - rate_ms)`;

const INSERT_STARTS = `
  insert into rate_start (scope_id, at, starts)
  select scope_id, ?, ? from lane_scope cross join scope on scope.id = lane_scope.scope_id
  where lane_id = ? and rate_limit is not null`;

const INSERT_ATTEMPT = `
  insert into attempt (task_run_key, token, generation, attempt, session_key, started_at) values (?, ?, ?, ?, ?, ?)`;

const SELECT_RUN_ID = "select id from run where key = ?";
