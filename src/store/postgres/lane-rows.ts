import type { LaneKey } from "../../core/lane.ts";
import type { LaneRow } from "../rows.ts";
import type { ClaimScope } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";

/** The ids of these lanes, made when missing, in order. */
export async function upsertLanes(db: PostgresConnection, keys: readonly LaneKey[]): Promise<readonly number[]> {
  const identity = [
    keys.map((key) => key.project),
    keys.map((key) => key.queue),
    keys.map((key) => key.priority),
    keys.map((key) => key.pipeline),
    keys.map((key) => key.task ?? ""),
  ];
  db.send(
    UPSERT,
    ...identity,
    keys.map((key) => key.taskConcurrency ?? 0),
  );
  const rows = await db.all<{ id: number }>(SELECT_IDS, ...identity);
  if (rows.length !== keys.length) throw new Error("A lane vanished while it was made");
  return rows.map((row) => row.id);
}

/** Lanes that a claim of this scope may take from; ready task runs are counted up to `slots`. */
export function selectClaimableLanes(
  db: PostgresConnection,
  { session, queues, runs }: ClaimScope,
  slots: number,
): Promise<readonly LaneRow[]> {
  if (runs === undefined) return db.all<LaneRow>(SELECT_CLAIMABLE, session, queues, slots);
  return db.all<LaneRow>(SELECT_CLAIMABLE_OF_RUNS, session, queues, slots, runs);
}

/** Lanes with something ready, counted to the end. */
export function selectReadyLanes(db: PostgresConnection): Promise<readonly LaneRow[]> {
  return db.all<LaneRow>(SELECT_READY);
}

/** Puts these lanes last in the rotation, in this order. */
export function updateRotation(db: PostgresConnection, laneIds: readonly number[]): void {
  db.send(ROTATE, laneIds);
}

/** Lanes are locked in the order of their keys, whoever makes them. */
const UPSERT = {
  name: "upsert_lanes",
  text: `
    insert into lane (project, queue, priority, pipeline, task, task_concurrency, served_at)
    select project, queue, priority, pipeline, task, task_concurrency, 0
    from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[], $6::integer[])
      as wanted (project, queue, priority, pipeline, task, task_concurrency)
    order by project, queue, priority, pipeline, task
    on conflict (project, queue, priority, pipeline, task)
    do update set task_concurrency = excluded.task_concurrency
    where lane.task_concurrency <> excluded.task_concurrency`,
};

const SELECT_IDS = {
  name: "select_lane_ids",
  text: `
    select lane.id
    from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[])
      with ordinality as wanted (project, queue, priority, pipeline, task, place)
      join lane using (project, queue, priority, pipeline, task)
    order by place`,
};

const COLUMNS = `
  lane.id, lane.project, lane.queue, lane.priority, lane.pipeline, lane.task,
  lane.task_concurrency as "taskConcurrency", lane.served_at as "servedAt"`;

/** A limit of a task spans the lanes it has had under other priorities or queues. */
const RUNNING = `
  case lane.task when '' then (select count(*)::integer from lease where lease.lane_id = lane.id) else (
    select count(*)::integer from lane as same join lease on lease.lane_id = same.id
    where same.project = lane.project and same.pipeline = lane.pipeline and same.task = lane.task and same.task <> '')
  end as running`;

/** Jumps from lane to lane in the index, so the cost grows with lanes and never with what waits in them. */
const NONEMPTY = `
  nonempty (lane_id) as (
    (select lane_id from ready order by lane_id limit 1)
    union all
    select (select lane_id from ready where lane_id > nonempty.lane_id order by lane_id limit 1)
    from nonempty where nonempty.lane_id is not null
  )`;

const OF_SESSION = `
  join session on session.project = lane.project and session.closed_at is null
  where session.id = $1 and lane.queue = any($2::text[])`;

const SELECT_CLAIMABLE = {
  name: "select_claimable_lanes",
  text: `
    with recursive ${NONEMPTY}
    select ${COLUMNS}, ${RUNNING},
      (select count(*)::integer from (select 1 from ready where ready.lane_id = lane.id limit $3) as found) as waiting
    from nonempty join lane on lane.id = nonempty.lane_id ${OF_SESSION}
    order by lane.id`,
};

const SELECT_CLAIMABLE_OF_RUNS = {
  name: "select_claimable_lanes_of_runs",
  text: `
    with recursive wanted (run_key) as (select key from run where id = any($4::text[])),
    nonempty (run_key, lane_id) as (
      select run_key, (
        select lane_id from ready where ready.run_key = wanted.run_key order by lane_id limit 1)
      from wanted
      union all
      select run_key, (
        select lane_id from ready where ready.run_key = nonempty.run_key and ready.lane_id > nonempty.lane_id
        order by ready.lane_id limit 1)
      from nonempty where nonempty.lane_id is not null
    )
    select ${COLUMNS}, ${RUNNING},
      (select count(*)::integer from wanted cross join lateral (
        select 1 from ready where ready.run_key = wanted.run_key and ready.lane_id = lane.id limit $3
      ) as found) as waiting
    from (select distinct lane_id from nonempty where lane_id is not null) as seen
      join lane on lane.id = seen.lane_id ${OF_SESSION}
    order by lane.id`,
};

const SELECT_READY = {
  name: "select_ready_lanes",
  text: `
    with recursive ${NONEMPTY}
    select ${COLUMNS}, ${RUNNING},
      (select count(*)::integer from ready where ready.lane_id = lane.id) as waiting
    from nonempty join lane on lane.id = nonempty.lane_id
    order by lane.id`,
};

const ROTATE = {
  name: "rotate_lanes",
  text: `
    update lane set served_at = turns.turn
    from (
      select id, nextval('rotation') as turn
      from (select id from unnest($1::integer[]) with ordinality as served (id, place) order by place) as ordered
    ) as turns
    where lane.id = turns.id`,
};
