import type { LaneKey } from "../../core/lane.ts";
import type { LaneRow } from "../rows.ts";
import type { ClaimScope } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

/** The ids of these lanes, made when missing, in order. */
export function upsertLanes(db: SqliteConnection, keys: readonly LaneKey[]): readonly number[] {
  return keys.map((key) => {
    const identity = [key.project, key.queue, key.priority, key.pipeline, key.task ?? ""];
    db.run(UPSERT, ...identity, key.taskConcurrency ?? 0);
    const row = db.get<{ id: number }>(SELECT_ID, ...identity);
    if (row === undefined) throw new Error("A lane vanished while it was made");
    return row.id;
  });
}

/**
 * Lanes that a claim of this scope may take from; ready task runs are counted up to `slots`. Small statements in a
 * loop: for the few lanes there are, that is several times faster than one large statement.
 */
export function selectClaimableLanes(db: SqliteConnection, scope: ClaimScope, slots: number): readonly LaneRow[] {
  const session = db.get<{ project: string }>(SELECT_PROJECT, scope.session);
  if (session === undefined) return [];
  const runKeys = scope.runs?.flatMap((run) => db.get<{ key: number }>(SELECT_RUN_KEY, run)?.key ?? []);
  const ids = runKeys === undefined ? readyLanes(db) : readyLanesOfRuns(db, runKeys);
  return ids.flatMap((id) => {
    const lane = db.get<LaneOnly>(SELECT_LANE, id);
    if (lane === undefined || lane.project !== session.project || !scope.queues.includes(lane.queue)) return [];
    return [{ ...lane, running: countRunning(db, lane), waiting: countWaiting(db, { id, slots, runKeys }) }];
  });
}

/** Lanes with something ready, counted to the end. */
export function selectReadyLanes(db: SqliteConnection): readonly LaneRow[] {
  return readyLanes(db).flatMap((id) => {
    const lane = db.get<LaneOnly>(SELECT_LANE, id);
    if (lane === undefined) return [];
    return [{ ...lane, running: countRunning(db, lane), waiting: count(db, COUNT_READY, id) }];
  });
}

/** Puts these lanes last in the rotation, in this order. */
export function updateRotation(db: SqliteConnection, laneIds: readonly number[]): void {
  for (const id of laneIds) {
    const turn = db.get<{ next: number }>(NEXT_TURN)?.next ?? 0;
    db.run(UPDATE_SERVED, turn, id);
  }
}

type LaneOnly = Omit<LaneRow, "waiting" | "running">;

/** Jumps from lane to lane in the index, so the cost grows with lanes and never with what waits in them. */
function readyLanes(db: SqliteConnection): readonly number[] {
  const ids: number[] = [];
  let next = db.get<{ id: number }>(NEXT_READY_LANE, 0);
  while (next !== undefined) {
    ids.push(next.id);
    next = db.get<{ id: number }>(NEXT_READY_LANE, next.id);
  }
  return ids;
}

function readyLanesOfRuns(db: SqliteConnection, runKeys: readonly number[]): readonly number[] {
  const ids = new Set<number>();
  for (const runKey of runKeys) {
    let next = db.get<{ id: number }>(NEXT_READY_LANE_OF_RUN, runKey, 0);
    while (next !== undefined) {
      ids.add(next.id);
      next = db.get<{ id: number }>(NEXT_READY_LANE_OF_RUN, runKey, next.id);
    }
  }
  return [...ids];
}

/** A limit of a task spans the lanes it has had under other priorities or queues. */
function countRunning(db: SqliteConnection, lane: LaneOnly): number {
  if (lane.task === "") return count(db, COUNT_LEASES, lane.id);
  return count(db, COUNT_LEASES_OF_TASK, lane.project, lane.pipeline, lane.task);
}

interface Waiting {
  readonly id: number;
  readonly slots: number;
  readonly runKeys: readonly number[] | undefined;
}

/** Counts to the end only when the end is near: a lane with 10,000 waiting costs no more than one with 10. */
function countWaiting(db: SqliteConnection, { id, slots, runKeys }: Waiting): number {
  if (runKeys === undefined) {
    return db.get(NTH_READY, id, slots - 1) === undefined ? count(db, COUNT_READY, id) : slots;
  }
  return runKeys.reduce((sum, runKey) => {
    const isFull = db.get(NTH_READY_OF_RUN, runKey, id, slots - 1) !== undefined;
    return sum + (isFull ? slots : count(db, COUNT_READY_OF_RUN, runKey, id));
  }, 0);
}

function count(db: SqliteConnection, sql: string, ...values: (number | string)[]): number {
  return db.get<{ count: number }>(sql, ...values)?.count ?? 0;
}

const UPSERT = `
  insert into lane (project, queue, priority, pipeline, task, task_concurrency, served_at) values (?, ?, ?, ?, ?, ?, 0)
  on conflict do update set task_concurrency = excluded.task_concurrency
  where task_concurrency <> excluded.task_concurrency`;

const SELECT_ID = `
  select id from lane where project = ? and queue = ? and priority = ? and pipeline = ? and task = ?`;

const SELECT_LANE = `
  select id, project, queue, priority, pipeline, task, task_concurrency as taskConcurrency, served_at as servedAt
  from lane where id = ?`;

const SELECT_PROJECT = "select project from session where id = ? and closed_at is null";

const SELECT_RUN_KEY = "select key from run where id = ?";

const NEXT_READY_LANE = "select lane_id as id from ready where lane_id > ? order by lane_id limit 1";

const NEXT_READY_LANE_OF_RUN = `
  select lane_id as id from ready where run_key = ? and lane_id > ? order by lane_id limit 1`;

const COUNT_LEASES = "select count(*) as count from lease where lane_id = ?";

const COUNT_LEASES_OF_TASK = `
  select count(*) as count from lane cross join lease on lease.lane_id = lane.id
  where lane.project = ? and lane.pipeline = ? and lane.task = ? and lane.task <> ''`;

const COUNT_READY = "select count(*) as count from ready where lane_id = ?";

const COUNT_READY_OF_RUN = "select count(*) as count from ready where run_key = ? and lane_id = ?";

const NTH_READY = "select 1 from ready where lane_id = ? limit 1 offset ?";

const NTH_READY_OF_RUN = "select 1 from ready where run_key = ? and lane_id = ? limit 1 offset ?";

const NEXT_TURN = "update counter set next = next + 1 where name = 'rotation' returning next";

const UPDATE_SERVED = "update lane set served_at = ? where id = ?";
