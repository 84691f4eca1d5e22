import type { AttemptRow } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { PostgresConnection } from "./connection.ts";

export interface AttemptScope {
  readonly id: RunId;
  readonly taskIndex: number | undefined;
  /** Absent = of all task runs of the task. */
  readonly mapKey: string | undefined;
}

/** Oldest first. */
export function selectAttempts(
  db: PostgresConnection,
  { id, taskIndex, mapKey }: AttemptScope,
): Promise<readonly AttemptRow[]> {
  if (taskIndex === undefined || mapKey === undefined) return db.all<AttemptRow>(SELECT, id, taskIndex ?? null);
  return db.all<AttemptRow>(SELECT_OF_ONE, id, taskIndex, mapKey);
}

const ATTEMPTS = `
    select task_run.task_index as "taskIndex", task_run.map_key as "mapKey", attempt.generation, attempt.attempt,
      attempt.token, session.id as "sessionId", attempt.started_at as "startedAt",
      attempt.finished_at as "finishedAt", attempt.outcome, attempt.failure, attempt.cpu_ms as "cpuMs",
      attempt.peak_memory_bytes as "peakMemoryBytes"
    from run join task_run on task_run.run_key = run.key join attempt on attempt.task_run_key = task_run.key
      join session on session.key = attempt.session_key
    where run.id = $1`;

const SELECT = {
  name: "select_attempts",
  text: `${ATTEMPTS} and ($2::integer is null or task_run.task_index = $2)
    order by attempt.started_at, task_run.task_index, task_run.map_key collate "C", attempt.token`,
};

const SELECT_OF_ONE = {
  name: "select_attempts_of_one",
  text: `${ATTEMPTS} and task_run.task_index = $2 and task_run.map_key = $3 order by attempt.started_at, attempt.token`,
};
