import { shareText } from "../../core/scope.ts";
import type { LaneRequest } from "../lane-of.ts";
import type { BusyLaneRow, LaneRow } from "../rows.ts";
import type { ClaimScope } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";
import { upsertScopes } from "./scope-rows.ts";

/** The ids of these lanes, made when missing, in order. Their scopes get the limits that are asked for. */
export async function upsertLanes(db: PostgresConnection, lanes: readonly LaneRequest[]): Promise<readonly number[]> {
  if (lanes.length === 0) return [];
  const keys = lanes.map(({ key }) => key);
  const texts = keys.map((key) => shareText(key.scopes));
  const identity = [
    keys.map((key) => key.project),
    keys.map((key) => key.queue),
    keys.map((key) => key.priority),
    keys.map((key) => key.pipeline),
    texts,
  ];
  declareScopes(db, lanes);
  db.send(
    INSERT,
    ...identity,
    keys.map((key) => key.scopes.length),
  );
  const rows = await db.all<{ id: number }>(SELECT_IDS, ...identity);
  if (rows.length !== keys.length) throw new Error("A lane vanished while it was made");
  const limited = rows.filter((_, index) => texts[index] !== "");
  if (limited.length > 0)
    db.send(
      INSERT_SHARES,
      limited.map(({ id }) => id),
    );
  return rows.map((row) => row.id);
}

/** Project by project, in one order for all: whoever declares scopes of several never waits both ways. */
function declareScopes(db: PostgresConnection, lanes: readonly LaneRequest[]): void {
  const byProject = Map.groupBy(lanes, ({ key }) => key.project);
  for (const [project, own] of [...byProject].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const limits = new Map(own.flatMap((lane) => lane.limits.map((limit) => [limit.name, limit])));
    if (limits.size > 0) upsertScopes(db, project, [...limits.values()]);
  }
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
export function selectReadyLanes(db: PostgresConnection): Promise<readonly BusyLaneRow[]> {
  return db.all<BusyLaneRow>(SELECT_READY);
}

/** Ready task runs of a lane, the oldest first. */
export async function selectReadyTaskRuns(
  db: PostgresConnection,
  laneId: number,
  limit: number,
): Promise<readonly number[]> {
  return (await db.all<{ key: number }>(SELECT_READY_OF_LANE, laneId, limit)).map(({ key }) => key);
}

/** Puts these lanes, and their pipelines, last in the rotation, in this order. */
export function updateRotation(db: PostgresConnection, laneIds: readonly number[]): void {
  db.send(ROTATE, laneIds);
}

/**
 * Lanes are locked in the order of their keys, whoever makes them. They begin at the end of the rotation: lanes that come
 * ever anew must not go before those that are there.
 */
const INSERT = {
  name: "insert_lanes",
  text: `
    insert into lane (project, queue, priority, pipeline, scopes, scope_count, served_at)
    select project, queue, priority, pipeline, scopes, scope_count,
      (select last_value - (not is_called)::integer from rotation)
    from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[], $6::integer[])
      as wanted (project, queue, priority, pipeline, scopes, scope_count)
    order by project, queue, priority, pipeline, scopes
    on conflict (project, queue, priority, pipeline, md5(scopes)) do nothing`,
};

const SELECT_IDS = {
  name: "select_lane_ids",
  text: `
    select lane.id
    from unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[])
      with ordinality as wanted (project, queue, priority, pipeline, scopes, place)
      join lane on lane.project = wanted.project and lane.queue = wanted.queue and lane.priority = wanted.priority
        and lane.pipeline = wanted.pipeline and md5(lane.scopes) = md5(wanted.scopes)
    order by place`,
};

/** Lanes that have theirs already keep them. `offset 0`: see the scopes themselves. */
const INSERT_SHARES = {
  name: "insert_lane_scopes",
  text: `
    insert into lane_scope (lane_id, scope_id, weight)
    select lane.id, scope.id, (share ->> 1)::integer
    from lane cross join lateral jsonb_array_elements(lane.scopes::jsonb) as share
      cross join lateral (
        select id from scope as known where known.project = lane.project and known.name = share ->> 0 offset 0
      ) as scope
    where lane.id = any($1::integer[])
      and not exists (select 1 from lane_scope as known where known.lane_id = lane.id)
    on conflict do nothing`,
};

const COLUMNS = `
  lane.id, lane.project, lane.queue, lane.priority, lane.pipeline, lane.scopes, lane.served_at as "servedAt",
  (
    select pipeline_turn.served_at from pipeline_turn
    where pipeline_turn.project = lane.project and pipeline_turn.pipeline = lane.pipeline
      and pipeline_turn.queue = lane.queue and pipeline_turn.priority = lane.priority
  ) as "pipelineServedAt",
  exists (
    select 1 from pipeline_state
    where pipeline_state.project = lane.project and pipeline_state.pipeline = lane.pipeline
  ) as "isPaused"`;

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
    select ${COLUMNS},
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
    select ${COLUMNS},
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
    select ${COLUMNS},
      (select count(*)::integer from lease where lease.lane_id = lane.id) as running,
      (select count(*)::integer from ready where ready.lane_id = lane.id) as waiting
    from nonempty join lane on lane.id = nonempty.lane_id
    order by lane.id`,
};

const ROTATE = {
  name: "rotate_lanes",
  text: `
    with served as (
      update lane set served_at = turns.turn
      from (
        select id, nextval('rotation') as turn
        from (select id from unnest($1::integer[]) with ordinality as granted (id, place) order by place) as ordered
      ) as turns
      where lane.id = turns.id
      returning lane.project, lane.pipeline, lane.queue, lane.priority, lane.served_at
    )
    insert into pipeline_turn (project, pipeline, queue, priority, served_at)
    select project, pipeline, queue, priority, max(served_at) from served group by project, pipeline, queue, priority
    on conflict (project, pipeline, queue, priority) do update set served_at = excluded.served_at`,
};

const SELECT_READY_OF_LANE = {
  name: "select_ready_of_lane",
  text: `
    select task_run_key as key from ready where lane_id = $1 order by queued_at, task_run_key limit $2`,
};
