import type { AttemptRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

export interface AttemptScope {
  readonly id: RunId;
  readonly taskIndex: number | undefined;
  /** Absent = of all task runs of the task. */
  readonly mapKey: string | undefined;
}

/** Oldest first. */
export function selectAttempts(db: SqliteConnection, { id, taskIndex, mapKey }: AttemptScope): Iterable<AttemptRow> {
  if (taskIndex !== undefined && mapKey !== undefined) return db.all<AttemptRow>(SELECT_OF_ONE, id, taskIndex, mapKey);
  return db.each<AttemptRow>(SELECT, id, taskIndex ?? null, taskIndex ?? null);
}

const ATTEMPTS = `
  select task_run.task_index as taskIndex, task_run.map_key as mapKey, attempt.generation, attempt.attempt,
    attempt.token, session.id as sessionId, attempt.started_at as startedAt, attempt.finished_at as finishedAt,
    attempt.outcome, attempt.failure, attempt.cpu_ms as cpuMs, attempt.peak_memory_bytes as peakMemoryBytes
  from run cross join task_run on task_run.run_key = run.key
    cross join attempt on attempt.task_run_key = task_run.key
    cross join session on session.key = attempt.session_key
  where run.id = ?`;

const SELECT = `${ATTEMPTS} and (? is null or task_run.task_index = ?)
  order by attempt.started_at, task_run.task_index, task_run.map_key, attempt.token`;

const SELECT_OF_ONE = `${ATTEMPTS} and task_run.task_index = ? and task_run.map_key = ?
  order by attempt.started_at, attempt.token`;
