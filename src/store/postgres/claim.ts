import type { ClaimedRow, ClaimGrant, ClaimScope } from "../transaction.ts";
import type { PostgresConnection, Statement } from "./connection.ts";

export interface GateAnswer {
  readonly taken: boolean;
  /** The number of the transaction, if it has one by now. */
  readonly xid: string | null;
}

/** Takes the gate for the rest of the transaction, if nobody has it. */
export async function tryGate(db: PostgresConnection, gate: bigint): Promise<GateAnswer> {
  return (await db.get<GateAnswer>(TRY_GATE, gate)) ?? { taken: false, xid: null };
}

/** Waits for the gate, before the transaction has a number: see `lockRunsOf`. */
export function waitForGate(db: PostgresConnection, gate: bigint): void {
  db.send(WAIT_FOR_GATE, gate);
}

/** With the number of the transaction that claims. */
export interface NumberedClaim extends ClaimedRow {
  readonly xid: string;
}

/** Moves ready task runs to running, oldest first in the order of the grants; rows as they are after that. */
export function claimReady(
  db: PostgresConnection,
  grants: readonly ClaimGrant[],
  { session, runs }: ClaimScope,
  now: number,
): Promise<readonly NumberedClaim[]> {
  const lanes = grants.map((grant) => grant.laneId);
  const counts = grants.map((grant) => grant.count);
  const { free, limited } = runs === undefined ? CLAIM : CLAIM_OF_RUNS;
  const statement = grants.some(({ isLimited }) => isLimited) ? limited : free;
  return db.all<NumberedClaim>(statement, lanes, counts, session, now, ...(runs === undefined ? [] : [runs]));
}

const TRY_GATE = {
  name: "try_gate",
  text: "select pg_try_advisory_xact_lock($1) as taken, pg_current_xact_id_if_assigned()::text as xid",
};

const WAIT_FOR_GATE = { name: "wait_for_gate", text: "select pg_advisory_xact_lock($1)" };

/** Only what an older transaction made ready: see table `ready`. */
const CLAIMABLE = "ready.xid <= pg_current_xact_id()";

/** Slots of scopes, and starts that a rate counts: starts that have left their window go. */
const SHARES = `
      shared as (
        insert into lease_scope (scope_id, task_run_key, weight, since)
        select scope.id, claimed.key, lane_scope.weight, $4
        from claimed join lane_scope on lane_scope.lane_id = claimed.lane_id
          join scope on scope.id = lane_scope.scope_id
        where scope.rate_limit is null
      ),
      counted as (
        insert into rate_start (scope_id, at, starts)
        select scope.id, $4, count(*)
        from claimed join lane_scope on lane_scope.lane_id = claimed.lane_id
          join scope on scope.id = lane_scope.scope_id
        where scope.rate_limit is not null
        group by scope.id
      ),
      forgotten as (
        delete from rate_start
        using scope
        where scope.id = any(array(
            select scope_id from lane_scope where lane_id = any(array(select lane_id from claimed))))
          and rate_start.scope_id = scope.id and rate_start.at <= $4 - scope.rate_ms
      ),`;

const CLAIM = claimStatements(
  "claim",
  `
    select task_run_key, queued_at from ready
    where ready.lane_id = grants.lane_id and ${CLAIMABLE}
    order by queued_at, task_run_key limit grants.count
    for update skip locked`,
);

/** Run by run, so that each read follows the index whatever waits for other runs. */
const CLAIM_OF_RUNS = claimStatements(
  "claim_of_runs",
  `
    select found.task_run_key, found.queued_at
    from run cross join lateral (
      select task_run_key, queued_at from ready
      where ready.run_key = run.key and ready.lane_id = grants.lane_id and ${CLAIMABLE}
      order by queued_at, task_run_key limit grants.count
      for update skip locked
    ) as found
    where run.id = any($5::text[])
    order by found.queued_at, found.task_run_key limit grants.count`,
);

function claimStatements(name: string, oldestReady: string): { readonly free: Statement; readonly limited: Statement } {
  return {
    free: claimStatement(name, oldestReady, ""),
    limited: claimStatement(`${name}_limited`, oldestReady, SHARES),
  };
}

function claimStatement(name: string, oldestReady: string, shares: string): Statement {
  return {
    name,
    text: `
      with grants as (
        select lane_id, count, place
        from unnest($1::integer[], $2::integer[]) with ordinality as granted (lane_id, count, place)
      ),
      taken as materialized (
        select oldest.task_run_key, oldest.queued_at, grants.place
        from grants cross join lateral (${oldestReady}) as oldest
      ),
      gone as (delete from ready where task_run_key = any(array(select task_run_key from taken))),
      claimed as (
        update task_run
        set state = 'running', attempt = attempt + 1, token = token + 1, started_at = coalesce(started_at, $4)
        where key = any(array(select task_run_key from taken)) and state = 'queued'
        returning key, run_key, task_index, map_key, generation, attempt, token, lost, lane_id
      ),
      ${shares}
      leased as (
        insert into lease (task_run_key, token, session_key, lane_id, run_key)
        select claimed.key, token, (select key from session where id = $3 and closed_at is null), lane_id, run_key
        from claimed
      ),
      begun as (
        insert into attempt (task_run_key, token, generation, attempt, session_key, started_at)
        select claimed.key, token, generation, attempt, (select key from session where id = $3), $4 from claimed
      )
      select claimed.key, claimed.run_key as "runKey", run.id as "runId", claimed.task_index as "taskIndex",
        claimed.map_key as "mapKey", claimed.generation, claimed.attempt, claimed.token, claimed.lost,
        pg_current_xact_id()::text as xid
      from taken join claimed on claimed.key = taken.task_run_key join run on run.key = claimed.run_key
      order by taken.place, taken.queued_at, taken.task_run_key`,
  };
}
