import { deadLetterConditions } from "../dead-letter-conditions.ts";
import type { DeadLetterFilter } from "../operator-store.ts";
import type { DeadLetterRow } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Newest first. */
export function selectDeadLetters(db: SqliteConnection, filter: DeadLetterFilter): readonly DeadLetterRow[] {
  const conditions = deadLetterConditions(filter);
  const where = conditions.map(({ sql }) => sql).join(" and ");
  const values = conditions.map(({ value }) => value);
  return db.all<DeadLetterRow>(`${SELECT} where ${where} order by letter.key desc limit ?`, ...values, filter.limit);
}

export function selectDeadLettersById(
  db: SqliteConnection,
  project: string,
  ids: readonly number[],
): readonly DeadLetterRow[] {
  return db.all<DeadLetterRow>(SELECT_BY_ID, JSON.stringify(ids), project);
}

/** Keys of those of these task runs whose letter is open. */
export function selectOpenDeadLetters(db: SqliteConnection, taskRunKeys: readonly number[]): readonly number[] {
  return db.all<{ key: number }>(SELECT_OPEN, JSON.stringify(taskRunKeys)).map(({ key }) => key);
}

const SELECT = `
  select letter.key as id, letter.run_key as runKey, run.id as runId, run.pipeline, version.hash as versionHash,
    letter.task_run_key as taskRunKey, task_run.task_index as taskIndex, task_run.map_key as mapKey,
    letter.generation, letter.state, letter.opened_at as openedAt, letter.closed_at as closedAt,
    letter.closed_by as closedBy, letter.assigned_to as assignedTo, letter.note,
    case when task_run.generation = letter.generation then task_run.failure end as failure
  from dead_letter letter cross join run on run.key = letter.run_key cross join version on version.key = run.version_key
    cross join task_run on task_run.key = letter.task_run_key`;

const SELECT_BY_ID = `
  ${SELECT} where letter.key in (select value from json_each(?)) and letter.project = ? order by letter.key`;

const SELECT_OPEN = `
  select task_run_key as key from dead_letter
  where task_run_key in (select value from json_each(?)) and state = 'open'`;
