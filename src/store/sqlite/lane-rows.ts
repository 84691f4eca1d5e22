import { shareText } from "../../core/scope.ts";
import type { LaneRequest } from "../lane-of.ts";
import type { BusyLaneRow, LaneRow } from "../rows.ts";
import type { ClaimScope } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";
import { upsertScopes } from "./scope-rows.ts";

/** The ids of these lanes, made when missing, in order. Their scopes get the limits that are asked for. */
export function upsertLanes(db: SqliteConnection, lanes: readonly LaneRequest[]): readonly number[] {
  return lanes.map(({ key, limits }) => {
    const identity = [key.project, key.queue, key.priority, key.pipeline, shareText(key.scopes)];
    upsertScopes(db, key.project, limits);
    const isNew = db.run(INSERT, ...identity, key.scopes.length) === 1;
    const row = db.get<{ id: number }>(SELECT_ID, ...identity);
    if (row === undefined) throw new Error("A lane vanished while it was made");
    if (isNew) for (const { name, weight } of key.scopes) db.run(INSERT_SHARE, row.id, weight, key.project, name);
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
    return [{ ...lane, waiting: countWaiting(db, { id, slots, runKeys }) }];
  });
}

/** Lanes with something ready, counted to the end. */
export function selectReadyLanes(db: SqliteConnection): readonly BusyLaneRow[] {
  return readyLanes(db).flatMap((id) => {
    const lane = db.get<LaneOnly>(SELECT_LANE, id);
    if (lane === undefined) return [];
    return [{ ...lane, running: count(db, COUNT_LEASES, id), waiting: count(db, COUNT_READY, id) }];
  });
}

/** Ready task runs of a lane, the oldest first. */
export function selectReadyTaskRuns(db: SqliteConnection, laneId: number, limit: number): readonly number[] {
  return db.all<{ key: number }>(SELECT_READY_OF_LANE, laneId, limit).map(({ key }) => key);
}

/** Puts these lanes, and their pipelines, last in the rotation, in this order. */
export function updateRotation(db: SqliteConnection, laneIds: readonly number[]): void {
  for (const id of laneIds) {
    const turn = db.get<{ next: number }>(NEXT_TURN)?.next ?? 0;
    db.run(UPDATE_SERVED, turn, id);
    db.run(UPSERT_TURN, turn, id);
  }
}

type LaneOnly = Omit<LaneRow, "waiting">;

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

/** At the end of the rotation: lanes that come ever anew must not go before those that are there. */
const INSERT = `
  insert into lane (project, queue, priority, pipeline, scopes, scope_count, served_at)
  values (?, ?, ?, ?, ?, ?, (select next from counter where name = 'rotation'))
  on conflict do nothing`;

const INSERT_SHARE = `
  insert into lane_scope (lane_id, scope_id, weight) select ?, id, ? from scope where project = ? and name = ?`;

const SELECT_ID = `
  select id from lane where project = ? and queue = ? and priority = ? and pipeline = ? and scopes = ?`;

const SELECT_LANE = `
  select id, project, queue, priority, pipeline, scopes, served_at as servedAt,
    (
      select pipeline_turn.served_at from pipeline_turn
      where pipeline_turn.project = lane.project and pipeline_turn.pipeline = lane.pipeline
        and pipeline_turn.queue = lane.queue and pipeline_turn.priority = lane.priority
    ) as pipelineServedAt,
    exists (
      select 1 from pipeline_state
      where pipeline_state.project = lane.project and pipeline_state.pipeline = lane.pipeline
    ) as isPaused
  from lane where id = ?`;

const SELECT_PROJECT = "select project from session where id = ? and closed_at is null";

const SELECT_RUN_KEY = "select key from run where id = ?";

const NEXT_READY_LANE = "select lane_id as id from ready where lane_id > ? order by lane_id limit 1";

const NEXT_READY_LANE_OF_RUN = `
  select lane_id as id from ready where run_key = ? and lane_id > ? order by lane_id limit 1`;

const COUNT_LEASES = "select count(*) as count from lease where lane_id = ?";

const COUNT_READY = "select count(*) as count from ready where lane_id = ?";

const COUNT_READY_OF_RUN = "select count(*) as count from ready where run_key = ? and lane_id = ?";

const NTH_READY = "select 1 from ready where lane_id = ? limit 1 offset ?";

const NTH_READY_OF_RUN = "select 1 from ready where run_key = ? and lane_id = ? limit 1 offset ?";

const NEXT_TURN = "update counter set next = next + 1 where name = 'rotation' returning next";

const UPDATE_SERVED = "update lane set served_at = ? where id = ?";

const UPSERT_TURN = `
  insert into pipeline_turn (project, pipeline, queue, priority, served_at)
  select project, pipeline, queue, priority, ? from lane where id = ?
  on conflict do update set served_at = excluded.served_at`;

const SELECT_READY_OF_LANE = `
  select task_run_key as key from ready where lane_id = ? order by queued_at, task_run_key limit ?`;
