import type { ScopeLimit } from "../../core/scope.ts";
import type { BackgroundUseRow, HolderRow, ScopeRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Makes scopes that are missing, and gives them all these limits. */
export function upsertScopes(db: PostgresConnection, project: string, limits: readonly ScopeLimit[]): void {
  db.send(
    UPSERT,
    project,
    limits.map(({ name }) => name),
    limits.map(({ slots }) => slots ?? null),
    limits.map(({ overflow }) => overflow ?? null),
    limits.map(({ rate }) => rate?.limit ?? null),
    limits.map(({ rate }) => rate?.perMs ?? null),
    limits.map(({ countDeferred }) => countDeferred === true),
  );
}

/** Whether the scope exists. */
export async function updateOverride(
  db: PostgresConnection,
  project: string,
  name: string,
  slots: number | null,
): Promise<boolean> {
  return (await db.get(UPDATE_OVERRIDE, slots, project, name)) !== undefined;
}

/** The scopes of these lanes, in the order of their names. */
export function selectScopesOfLanes(
  db: PostgresConnection,
  laneIds: readonly number[],
  now: number,
): Promise<readonly ScopeRow[]> {
  return db.all<ScopeRow>(SELECT_OF_LANES, now, laneIds);
}

/** What attempts of backfills hold of the scopes of these lanes, where live runs are executed as well. */
export function selectBackgroundUse(
  db: PostgresConnection,
  laneIds: readonly number[],
): Promise<readonly BackgroundUseRow[]> {
  return db.all<BackgroundUseRow>(SELECT_BACKGROUND_USE, laneIds);
}

/** Scopes of a project whose names begin so, in their order. */
export function selectScopes(
  db: PostgresConnection,
  project: string,
  prefix: string,
  now: number,
): Promise<readonly ScopeRow[]> {
  return db.all<ScopeRow>(SELECT_BY_PREFIX, now, project, prefix, `${prefix}\u{10ffff}`);
}

interface HolderQuery {
  readonly project: string;
  readonly names: readonly string[];
  readonly limit: number;
}

/** Holders of slots of these scopes, the longest first. */
export function selectHolders(db: PostgresConnection, query: HolderQuery): Promise<readonly HolderRow[]> {
  return db.all<HolderRow>(SELECT_HOLDERS, query.project, query.names, query.limit);
}

/**
 * Those that are as they should be are not touched; the others are locked in the order of their names. `offset 0`: one by
 * one by their names, where the planner, when it knows of few, would read all that a project has ever had.
 */
const UPSERT = {
  name: "upsert_scopes",
  text: `
    insert into scope (project, name, slots, overflow, rate_limit, rate_ms, count_deferred)
    select $1, wanted.name, wanted.slots, wanted.overflow, wanted.rate_limit, wanted.rate_ms, wanted.count_deferred
    from unnest($2::text[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::boolean[])
        as wanted (name, slots, overflow, rate_limit, rate_ms, count_deferred)
      left join lateral (
        select * from scope as known where known.project = $1 and known.name = wanted.name offset 0
      ) as scope on true
    where scope.id is null
      or (scope.slots, scope.overflow, scope.rate_limit, scope.rate_ms, scope.count_deferred)
        is distinct from (wanted.slots, wanted.overflow, wanted.rate_limit, wanted.rate_ms, wanted.count_deferred)
    order by wanted.name
    on conflict (project, name) do update
    set slots = excluded.slots, overflow = excluded.overflow, rate_limit = excluded.rate_limit,
      rate_ms = excluded.rate_ms, count_deferred = excluded.count_deferred`,
};

const UPDATE_OVERRIDE = {
  name: "override_scope",
  text: "update scope set override = $1 where project = $2 and name = $3 returning 1",
};

const COLUMNS = `
  scope.project, scope.name, scope.slots, scope.override, scope.overflow, scope.rate_limit as "rateLimit",
  scope.rate_ms as "rateMs", scope.count_deferred as "countDeferred",
  (select coalesce(sum(weight), 0)::integer from lease_scope where lease_scope.scope_id = scope.id) as used,
  (select coalesce(sum(starts), 0)::integer from rate_start
    where rate_start.scope_id = scope.id and rate_start.at > $1 - scope.rate_ms) as started,
  (select min(at) from rate_start
    where rate_start.scope_id = scope.id and rate_start.at > $1 - scope.rate_ms) as "firstStartAt"`;

const SELECT_OF_LANES = {
  name: "select_scopes_of_lanes",
  text: `
    select ${COLUMNS} from scope
    where scope.id = any(array(select scope_id from lane_scope where lane_id = any($2::integer[])))
    order by scope.name`,
};

const SELECT_BACKGROUND_USE = {
  name: "select_background_use",
  text: `
    select scope.project, scope.name,
      (select coalesce(sum(lease_scope.weight), 0)::integer
        from lease_scope join task_run on task_run.key = lease_scope.task_run_key
          join run on run.key = task_run.run_key
        where lease_scope.scope_id = scope.id and run.backfill_key is not null) as background
    from scope
    where scope.id = any(array(select scope_id from lane_scope where lane_id = any($1::integer[])))
      and scope.project = any(array(select project from session where closed_at is null and backfill_key is null))`,
};

const SELECT_BY_PREFIX = {
  name: "select_scopes",
  text: `
    select ${COLUMNS} from scope where scope.project = $2 and scope.name collate "C" >= $3 and scope.name collate "C" < $4
    order by scope.name collate "C"`,
};

const SELECT_HOLDERS = {
  name: "select_scope_holders",
  text: `
    select scope.name as scope, task_run.key as "taskRunKey", run.id as "runId", run.pipeline, version.hash as "versionHash",
      task_run.task_index as "taskIndex", task_run.map_key as "mapKey", lease_scope.weight, lease_scope.since,
      task_run.state = 'deferred' as "isDeferred"
    from scope join lease_scope on lease_scope.scope_id = scope.id
      join task_run on task_run.key = lease_scope.task_run_key
      join run on run.key = task_run.run_key join version on version.key = run.version_key
    where scope.project = $1 and scope.name = any($2::text[])
    order by lease_scope.since, lease_scope.task_run_key limit $3`,
};
