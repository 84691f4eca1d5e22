import { deadLetterConditions } from "../dead-letter-conditions.ts";
import type { DeadLetterFilter } from "../operator-store.ts";
import type { DeadLetterRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Newest first. Not prepared: filters come in many kinds, and none of them is hot. */
export function selectDeadLetters(db: PostgresConnection, filter: DeadLetterFilter): Promise<readonly DeadLetterRow[]> {
  const conditions = deadLetterConditions(filter);
  const where = conditions.map(({ sql }, index) => sql.replace("?", `$${index + 2}`)).join(" and ");
  const values = conditions.map(({ value }) => value);
  const text = `${SELECT} where ${where} order by letter.key desc limit $1`;
  return db.all<DeadLetterRow>({ text }, filter.limit, ...values);
}

export function selectDeadLettersById(
  db: PostgresConnection,
  project: string,
  ids: readonly number[],
): Promise<readonly DeadLetterRow[]> {
  return db.all<DeadLetterRow>(SELECT_BY_ID, ids, project);
}

/** Keys of those of these task runs whose letter is open. */
export async function selectOpenDeadLetters(
  db: PostgresConnection,
  taskRunKeys: readonly number[],
): Promise<readonly number[]> {
  return (await db.all<{ key: number }>(SELECT_OPEN, taskRunKeys)).map(({ key }) => key);
}

const SELECT = `
  select letter.key as id, letter.run_key as "runKey", run.id as "runId", run.pipeline, version.hash as "versionHash",
    letter.task_run_key as "taskRunKey", task_run.task_index as "taskIndex", task_run.map_key as "mapKey",
    letter.generation, letter.state, letter.opened_at as "openedAt", letter.closed_at as "closedAt",
    letter.closed_by as "closedBy", letter.assigned_to as "assignedTo", letter.note,
    case when task_run.generation = letter.generation then task_run.failure end as failure
  from dead_letter letter join run on run.key = letter.run_key join version on version.key = run.version_key
    join task_run on task_run.key = letter.task_run_key`;

const SELECT_BY_ID = {
  name: "select_dead_letters_by_id",
  text: `${SELECT} where letter.key = any($1::bigint[]) and letter.project = $2 order by letter.key`,
};

const SELECT_OPEN = {
  name: "select_open_dead_letters",
  text: "select task_run_key as key from dead_letter where task_run_key = any($1::bigint[]) and state = 'open'",
};
