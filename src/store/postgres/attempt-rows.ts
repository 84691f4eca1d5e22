import type { AttemptRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

/** Oldest first. */
export function selectAttempts(
  db: PostgresConnection,
  id: RunId,
  taskIndex: number | undefined,
): Promise<readonly AttemptRow[]> {
  return db.all<AttemptRow>(SELECT, id, taskIndex ?? null);
}

const SELECT = {
  name: "select_attempts",
  text: `
    select task_run.task_index as "taskIndex", task_run.map_key as "mapKey", attempt.generation, attempt.attempt,
      attempt.token, session.id as "sessionId", attempt.started_at as "startedAt",
      attempt.finished_at as "finishedAt", attempt.outcome, attempt.failure, attempt.cpu_ms as "cpuMs",
      attempt.peak_memory_bytes as "peakMemoryBytes"
    from run join task_run on task_run.run_key = run.key join attempt on attempt.task_run_key = task_run.key
      join session on session.key = attempt.session_key
    where run.id = $1 and ($2::integer is null or task_run.task_index = $2)
    order by attempt.started_at, task_run.task_index, task_run.map_key collate "C", attempt.token`,
};
