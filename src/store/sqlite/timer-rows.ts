import type { TimerClear, TimerInsert } from "../changes.ts";
import type { TimerRow } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

export function insertTimer(db: SqliteConnection, timer: TimerInsert): void {
  db.run(INSERT, timer.runKey, timer.taskRunKey, timer.kind, timer.generation, timer.dueAt);
}

export function deleteTimers(db: SqliteConnection, { runKey, taskRunKey, kind }: TimerClear): void {
  db.run(DELETE, runKey, taskRunKey, kind ?? null, kind ?? null);
}

/** Deadlines that have come, the oldest first. */
export function selectDueTimers(db: SqliteConnection, now: number): readonly TimerRow[] {
  return db.all<TimerRow>(SELECT_DUE, now);
}

export function selectNextTimerAt(db: SqliteConnection): number | undefined {
  return db.get<{ dueAt: number | null }>(SELECT_NEXT)?.dueAt ?? undefined;
}

/** Of a run the first deadline stands, where it has given its place away meanwhile; of a task run the last. */
const INSERT = `
  insert into timer (run_key, task_run_key, kind, generation, due_at) values (?, ?, ?, ?, ?)
  on conflict (run_key, task_run_key, kind) do update
    set generation = excluded.generation, due_at = excluded.due_at where timer.task_run_key > 0`;

const DELETE = "delete from timer where run_key = ? and task_run_key = ? and (? is null or kind = ?)";

const SELECT_DUE = `
  select run_key as runKey, run.id as runId, task_run_key as taskRunKey, kind, generation, due_at as dueAt
  from timer cross join run on run.key = timer.run_key
  where due_at <= ? order by due_at, run_key, task_run_key limit 100`;

const SELECT_NEXT = "select min(due_at) as dueAt from timer";
