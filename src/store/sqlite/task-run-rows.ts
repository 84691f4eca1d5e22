import type { Position } from "../../core/map-path.ts";
import type { TaskRunRow } from "../rows.ts";
import type { RunId, TaskRunFilter } from "../store.ts";
import type { TaskRunInsert } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

export function insertTaskRuns(db: SqliteConnection, rows: readonly TaskRunInsert[]): void {
  for (const row of rows) db.run(INSERT, row.key, row.runKey, row.taskIndex, row.total, row.gates, row.laneId);
}

/** In key order. */
export function selectTaskRuns(db: SqliteConnection, keys: readonly number[]): readonly TaskRunRow[] {
  return db.all<TaskRunRow>(SELECT_BY_KEY, JSON.stringify(keys));
}

/** At these places of a run, those that exist. */
export function selectTaskRunsAt(
  db: SqliteConnection,
  runKey: number,
  positions: readonly Position[],
): readonly TaskRunRow[] {
  return positions.flatMap(({ index, path }) => db.get<TaskRunRow>(SELECT_AT, runKey, index, path) ?? []);
}

/** Inserts task runs of items, in whatever state they begin. */
export function insertItemRuns(db: SqliteConnection, rows: readonly TaskRunRow[]): void {
  for (const row of rows) {
    const { total, success, failed, upstreamFailed, skipped, gates, shut } = row;
    db.run(
      INSERT_ITEM,
      ...[row.key, row.runKey, row.taskIndex, row.mapKey, row.state, row.generation, row.label, row.laneId],
      ...[row.queuedAt, row.finishedAt, row.reason, row.failure, row.decision],
      ...[total, success, failed, upstreamFailed, skipped, gates, shut],
    );
  }
}

/** Keys that no other task run has, ascending. */
export function takeItemKeys(db: SqliteConnection, count: number): readonly number[] {
  const first = db.get<{ first: number }>(TAKE_KEYS, count, count)?.first ?? 0;
  return Array.from({ length: count }, (_, offset) => first + offset);
}

export function selectTaskRunsOfRun(db: SqliteConnection, id: RunId, filter: TaskRunFilter): Iterable<TaskRunRow> {
  const states = filter.states === undefined ? null : JSON.stringify(filter.states);
  const indexes = filter.taskIndexes === undefined ? null : JSON.stringify(filter.taskIndexes);
  return db.each<TaskRunRow>(SELECT_OF_RUN, id, states, states, indexes, indexes);
}

/** Task runs whose back-off is over, the longest waiting first. */
export function selectDueRetries(db: SqliteConnection, now: number, limit: number): readonly number[] {
  return db.all<{ key: number }>(SELECT_DUE, now, limit).map((row) => row.key);
}

export function selectNextRetryAt(db: SqliteConnection): number | undefined {
  return db.get<{ dueAt: number | null }>(SELECT_NEXT_DUE)?.dueAt ?? undefined;
}

const INSERT = `
  insert into task_run (key, run_key, task_index, map_key, state, generation, attempt, token, lost, up_total,
    up_success, up_failed, up_upstream_failed, up_skipped, up_gates, lane_id)
  values (?, ?, ?, '', 'scheduled', 1, 0, 0, 0, ?, 0, 0, 0, 0, ?, ?)`;

const COLUMNS = `
  task_run.key, task_run.run_key as runKey, task_index as taskIndex, map_key as mapKey, task_run.state, generation,
  attempt, token, lost, up_total as total, up_success as success, up_failed as failed,
  up_upstream_failed as upstreamFailed, up_skipped as skipped, up_gates as gates, up_shut as shut, decision, label,
  lane_id as laneId, due_at as dueAt,
  queued_at as queuedAt, task_run.started_at as startedAt, task_run.finished_at as finishedAt, task_run.reason,
  failure`;

const SELECT_AT = `select ${COLUMNS} from task_run where run_key = ? and task_index = ? and map_key = ?`;

const INSERT_ITEM = `
  insert into task_run (key, run_key, task_index, map_key, state, generation, label, lane_id, queued_at, finished_at,
    reason, failure, decision, up_total, up_success, up_failed, up_upstream_failed, up_skipped, up_gates, up_shut,
    attempt, token, lost)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)`;

const TAKE_KEYS = "update counter set next = next + ? where name = 'task_run' returning next - ? as first";

const SELECT_BY_KEY = `
  select ${COLUMNS} from task_run where key in (select value from json_each(?)) order by key`;

const SELECT_OF_RUN = `
  select ${COLUMNS} from run join task_run on task_run.run_key = run.key
  where run.id = ?
    and (? is null or task_run.state in (select value from json_each(?)))
    and (? is null or task_index in (select value from json_each(?)))
  order by task_index, map_key`;

const SELECT_DUE = "select task_run_key as key from waiting where due_at <= ? order by due_at, task_run_key limit ?";

const SELECT_NEXT_DUE = "select min(due_at) as dueAt from waiting";
