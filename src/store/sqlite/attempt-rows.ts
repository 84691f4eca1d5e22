import type { AttemptRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

/** Oldest first. */
export function selectAttempts(db: SqliteConnection, id: RunId, taskIndex: number | undefined): readonly AttemptRow[] {
  return db.all<AttemptRow>(SELECT, id, taskIndex ?? null, taskIndex ?? null);
}

const SELECT = `
  select task_run.task_index as taskIndex, task_run.map_key as mapKey, attempt.generation, attempt.attempt,
    attempt.token, session.id as sessionId, attempt.started_at as startedAt, attempt.finished_at as finishedAt,
    attempt.outcome, attempt.failure, attempt.cpu_ms as cpuMs, attempt.peak_memory_bytes as peakMemoryBytes
  from run cross join task_run on task_run.run_key = run.key
    cross join attempt on attempt.task_run_key = task_run.key
    cross join session on session.key = attempt.session_key
  where run.id = ? and (? is null or task_run.task_index = ?)
  order by attempt.started_at, task_run.task_index, task_run.map_key, attempt.token`;
