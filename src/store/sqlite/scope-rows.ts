import type { ScopeLimit } from "../../core/scope.ts";
import type { BackgroundUseRow, HolderRow, ScopeRow } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Makes scopes that are missing, and gives them all these limits. */
export function upsertScopes(db: SqliteConnection, project: string, limits: readonly ScopeLimit[]): void {
  for (const { name, slots, overflow, rate, countDeferred } of limits) {
    const values = [slots ?? null, overflow ?? null, rate?.limit ?? null, rate?.perMs ?? null];
    db.run(UPSERT, project, name, ...values, countDeferred === true ? 1 : 0);
  }
}

/** Whether the scope exists. */
export function updateOverride(db: SqliteConnection, project: string, name: string, slots: number | null): boolean {
  return db.run(UPDATE_OVERRIDE, slots, project, name) === 1;
}

/** The scopes of these lanes, in the order of their names. */
export function selectScopesOfLanes(
  db: SqliteConnection,
  laneIds: readonly number[],
  now: number,
): readonly ScopeRow[] {
  return db.all<ScopeRow>(SELECT_OF_LANES, now, now, JSON.stringify(laneIds));
}

/** What attempts of backfills hold of the scopes of these lanes, where live runs are executed as well. */
export function selectBackgroundUse(db: SqliteConnection, laneIds: readonly number[]): readonly BackgroundUseRow[] {
  return db.all<BackgroundUseRow>(SELECT_BACKGROUND_USE, JSON.stringify(laneIds));
}

/** Scopes of a project whose names begin so, in their order. */
export function selectScopes(db: SqliteConnection, project: string, prefix: string, now: number): readonly ScopeRow[] {
  return db.all<ScopeRow>(SELECT_BY_PREFIX, now, now, project, prefix, `${prefix}\u{10ffff}`);
}

interface HolderQuery {
  readonly project: string;
  readonly names: readonly string[];
  readonly limit: number;
}

/** Holders of slots of these scopes, the longest first. */
export function selectHolders(db: SqliteConnection, { project, names, limit }: HolderQuery): readonly HolderRow[] {
  return db.all<HolderRow>(SELECT_HOLDERS, project, JSON.stringify(names), limit);
}

const UPSERT = `
  insert into scope (project, name, slots, overflow, rate_limit, rate_ms, count_deferred) values (?, ?, ?, ?, ?, ?, ?)
  on conflict do update
  set slots = excluded.slots, overflow = excluded.overflow, rate_limit = excluded.rate_limit,
    rate_ms = excluded.rate_ms, count_deferred = excluded.count_deferred
  where slots is not excluded.slots or overflow is not excluded.overflow or rate_limit is not excluded.rate_limit
    or rate_ms is not excluded.rate_ms or count_deferred <> excluded.count_deferred`;

const UPDATE_OVERRIDE = "update scope set override = ? where project = ? and name = ?";

const COLUMNS = `
  project, name, slots, override, overflow, rate_limit as rateLimit, rate_ms as rateMs,
  count_deferred as countDeferred,
  (select coalesce(sum(weight), 0) from lease_scope where lease_scope.scope_id = scope.id) as used,
  (select coalesce(sum(starts), 0) from rate_start where rate_start.scope_id = scope.id and at > ? - rate_ms) as started,
  (select min(at) from rate_start where rate_start.scope_id = scope.id and at > ? - rate_ms) as firstStartAt`;

const SELECT_OF_LANES = `
  select ${COLUMNS} from scope
  where id in (select scope_id from lane_scope where lane_id in (select value from json_each(?)))
  order by name`;

const SELECT_BACKGROUND_USE = `
  select scope.project, scope.name,
    (select coalesce(sum(lease_scope.weight), 0)
      from lease_scope cross join task_run on task_run.key = lease_scope.task_run_key
        cross join run on run.key = task_run.run_key
      where lease_scope.scope_id = scope.id and run.backfill_key is not null) as background
  from scope
  where scope.id in (select scope_id from lane_scope where lane_id in (select value from json_each(?)))
    and scope.project in (select project from session where closed_at is null and backfill_key is null)`;

const SELECT_BY_PREFIX = `
  select ${COLUMNS} from scope where project = ? and name >= ? and name < ? order by name`;

const SELECT_HOLDERS = `
  select scope.name as scope, task_run.key as taskRunKey, run.id as runId, run.pipeline, version.hash as versionHash,
    task_run.task_index as taskIndex, task_run.map_key as mapKey, lease_scope.weight, lease_scope.since,
    task_run.state = 'deferred' as isDeferred
  from scope cross join lease_scope on lease_scope.scope_id = scope.id
    cross join task_run on task_run.key = lease_scope.task_run_key
    cross join run on run.key = task_run.run_key cross join version on version.key = run.version_key
  where scope.project = ? and scope.name in (select value from json_each(?))
  order by lease_scope.since, lease_scope.task_run_key limit ?`;
