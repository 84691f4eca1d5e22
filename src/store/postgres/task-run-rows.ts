import type { Position } from "../../core/map-path.ts";
import type { TaskRunRow } from "../rows.ts";
import type { RunId, TaskRunFilter } from "../store.ts";
import type { TaskRunInsert } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";

export function insertTaskRuns(db: PostgresConnection, rows: readonly TaskRunInsert[]): void {
  if (rows.length === 0) return;
  db.send(
    INSERT,
    rows.map((row) => row.key),
    rows.map((row) => row.runKey),
    rows.map((row) => row.taskIndex),
    rows.map((row) => row.total),
    rows.map((row) => row.gates),
    rows.map((row) => row.laneId),
  );
}

/** In key order. */
export function selectTaskRuns(db: PostgresConnection, keys: readonly number[]): Promise<readonly TaskRunRow[]> {
  return db.all<TaskRunRow>(SELECT_BY_KEY, keys);
}

/** At these places of a run, those that exist. */
export function selectTaskRunsAt(
  db: PostgresConnection,
  runKey: number,
  positions: readonly Position[],
): Promise<readonly TaskRunRow[]> {
  const indexes = positions.map(({ index }) => index);
  const paths = positions.map(({ path }) => path);
  return db.all<TaskRunRow>(SELECT_AT, runKey, indexes, paths);
}

/** Keys that no other task run has, ascending. */
export async function takeItemKeys(db: PostgresConnection, count: number): Promise<readonly number[]> {
  const rows = await db.all<{ key: number }>(TAKE_KEYS, count);
  return rows.map(({ key }) => key);
}

export function selectTaskRunsOfRun(
  db: PostgresConnection,
  id: RunId,
  { states, taskIndexes }: TaskRunFilter,
): Promise<readonly TaskRunRow[]> {
  return db.all<TaskRunRow>(SELECT_OF_RUN, id, states ?? null, taskIndexes ?? null);
}

/** Task runs whose back-off is over, the longest waiting first. */
export async function selectDueRetries(db: PostgresConnection, now: number, limit: number): Promise<readonly number[]> {
  return (await db.all<{ key: number }>(SELECT_DUE, now, limit)).map((row) => row.key);
}

export async function selectNextRetryAt(db: PostgresConnection): Promise<number | undefined> {
  return (await db.get<{ dueAt: number | null }>(SELECT_NEXT_DUE))?.dueAt ?? undefined;
}

const INSERT = {
  name: "insert_task_runs",
  text: `
    insert into task_run (key, run_key, task_index, map_key, state, generation, attempt, token, lost, up_total,
      up_success, up_failed, up_upstream_failed, up_skipped, up_gates, lane_id)
    select key, run_key, task_index, '', 'scheduled', 1, 0, 0, 0, total, 0, 0, 0, 0, gates, lane_id
    from unnest($1::bigint[], $2::bigint[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
      as made (key, run_key, task_index, total, gates, lane_id)`,
};

const COLUMNS = `
  task_run.key, task_run.run_key as "runKey", task_index as "taskIndex", map_key as "mapKey", task_run.state,
  generation, attempt, token, lost, up_total as total, up_success as success, up_failed as failed,
  up_upstream_failed as "upstreamFailed", up_skipped as skipped, up_gates as gates,
  up_shut as shut, decision, label, lane_id as "laneId", due_at as "dueAt",
  queued_at as "queuedAt", task_run.started_at as "startedAt", task_run.finished_at as "finishedAt", task_run.reason,
  failure`;

const SELECT_AT = {
  name: "select_task_runs_at",
  text: `
    select ${COLUMNS}
    from unnest($2::integer[], $3::text[]) as wanted (task_index, map_key)
      join task_run using (task_index, map_key)
    where task_run.run_key = $1`,
};

const TAKE_KEYS = { name: "take_item_keys", text: "select nextval('item_key') as key from generate_series(1, $1)" };

const SELECT_BY_KEY = {
  name: "select_task_runs",
  text: `select ${COLUMNS} from task_run where key = any($1::bigint[]) order by key`,
};

const SELECT_OF_RUN = {
  name: "select_task_runs_of_run",
  text: `
    select ${COLUMNS} from run join task_run on task_run.run_key = run.key
    where run.id = $1
      and ($2::text[] is null or task_run.state = any($2::text[]))
      and ($3::integer[] is null or task_index = any($3::integer[]))
    order by task_index, map_key collate "C"`,
};

const SELECT_DUE = {
  name: "select_due_retries",
  text: "select task_run_key as key from waiting where due_at <= $1 order by due_at, task_run_key limit $2",
};

const SELECT_NEXT_DUE = { name: "select_next_retry", text: 'select min(due_at) as "dueAt" from waiting' };
