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

/** Lanes that a claim of this scope may take from. */
export function selectClaimableLanes(db: SqliteConnection, scope: ClaimScope, slots: number): readonly LaneRow[] {
  const queues = JSON.stringify(scope.queues);
  if (scope.runs === undefined) return db.all<LaneRow>(SELECT_CLAIMABLE, slots, scope.session, queues);
  return db.all<LaneRow>(SELECT_CLAIMABLE_OF_RUNS, JSON.stringify(scope.runs), slots, scope.session, queues);
}

/** Lanes with something ready, counted to the end. */
export function selectReadyLanes(db: SqliteConnection): readonly LaneRow[] {
  return db.all<LaneRow>(SELECT_READY);
}

export function updateRotation(db: SqliteConnection, laneIds: readonly number[]): void {
  for (const id of laneIds) {
    const turn = db.get<{ next: number }>(NEXT_TURN)?.next ?? 0;
    db.run(UPDATE_SERVED, turn, id);
  }
}

const UPSERT = `
  insert into lane (project, queue, priority, pipeline, task, task_concurrency, served_at) values (?, ?, ?, ?, ?, ?, 0)
  on conflict do update set task_concurrency = excluded.task_concurrency
  where task_concurrency <> excluded.task_concurrency`;

const SELECT_ID = `
  select id from lane where project = ? and queue = ? and priority = ? and pipeline = ? and task = ?`;

const COLUMNS = `
  lane.id, lane.project, lane.queue, lane.priority, lane.pipeline, lane.task, lane.task_concurrency as taskConcurrency,
  lane.served_at as servedAt`;

/** A limit of a task spans the lanes it has had under other priorities or queues. */
const RUNNING = `
  case lane.task when '' then (select count(*) from lease where lease.lane_id = lane.id) else (
    select count(*) from lane same cross join lease on lease.lane_id = same.id
    where same.project = lane.project and same.pipeline = lane.pipeline and same.task = lane.task and same.task <> '')
  end as running`;

/** Jumps from lane to lane in the index, so the cost grows with lanes and never with what waits in them. */
const NONEMPTY = `
  nonempty (lane_id) as (
    select min(lane_id) from ready
    union all
    select (select min(lane_id) from ready where lane_id > nonempty.lane_id) from nonempty where lane_id is not null
  )`;

const OF_SESSION = `
  join session on session.id = ? and session.closed_at is null and lane.project = session.project
  where lane.queue in (select value from json_each(?))`;

const SELECT_CLAIMABLE = `
  with recursive ${NONEMPTY}
  select ${COLUMNS}, ${RUNNING},
    (select count(*) from (select 1 from ready where ready.lane_id = lane.id limit ?)) as waiting
  from nonempty cross join lane on lane.id = nonempty.lane_id ${OF_SESSION}`;

const SELECT_CLAIMABLE_OF_RUNS = `
  with recursive wanted (run_key) as (select key from run where id in (select value from json_each(?))),
  nonempty (run_key, lane_id) as (
    select run_key, (select min(lane_id) from ready where ready.run_key = wanted.run_key) from wanted
    union all
    select run_key, (
      select min(lane_id) from ready where ready.run_key = nonempty.run_key and ready.lane_id > nonempty.lane_id)
    from nonempty where lane_id is not null
  ),
  seen (lane_id) as (select distinct lane_id from nonempty where lane_id is not null)
  select ${COLUMNS}, ${RUNNING},
    (select count(*) from (
      select 1 from wanted cross join ready on ready.run_key = wanted.run_key and ready.lane_id = lane.id limit ?
    )) as waiting
  from seen cross join lane on lane.id = seen.lane_id ${OF_SESSION}`;

const SELECT_READY = `
  with recursive ${NONEMPTY}
  select ${COLUMNS}, ${RUNNING}, (select count(*) from ready where ready.lane_id = lane.id) as waiting
  from nonempty cross join lane on lane.id = nonempty.lane_id
  order by lane.id`;

const NEXT_TURN = "update counter set next = next + 1 where name = 'rotation' returning next";

const UPDATE_SERVED = "update lane set served_at = ? where id = ?";
