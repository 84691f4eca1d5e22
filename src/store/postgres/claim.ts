import type { LaneGrant } from "../../core/lane.ts";
import type { ClaimedRow, ClaimScope } from "../transaction.ts";
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
  grants: readonly LaneGrant[],
  { session, runs }: ClaimScope,
  now: number,
): Promise<readonly NumberedClaim[]> {
  const lanes = grants.map((grant) => grant.laneId);
  const counts = grants.map((grant) => grant.count);
  if (runs === undefined) return db.all<NumberedClaim>(CLAIM, lanes, counts, session, now);
  return db.all<NumberedClaim>(CLAIM_OF_RUNS, lanes, counts, session, now, runs);
}

const TRY_GATE = {
  name: "try_gate",
  text: "select pg_try_advisory_xact_lock($1) as taken, pg_current_xact_id_if_assigned()::text as xid",
};

const WAIT_FOR_GATE = { name: "wait_for_gate", text: "select pg_advisory_xact_lock($1)" };

/** Only what an older transaction made ready: see table `ready`. */
const CLAIMABLE = "ready.xid <= pg_current_xact_id()";

const CLAIM = claimStatement(
  "claim",
  `
    select task_run_key, queued_at from ready
    where ready.lane_id = grants.lane_id and ${CLAIMABLE}
    order by queued_at, task_run_key limit grants.count
    for update skip locked`,
);

/** Run by run, so that each read follows the index whatever waits for other runs. */
const CLAIM_OF_RUNS = claimStatement(
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

function claimStatement(name: string, oldestReady: string): Statement {
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
