import type { ChildInsert, ChildTable } from "../child-rows.ts";
import type { AwaitedKey, AwaitedRow, ChildRow } from "../rows.ts";
import type { RunId } from "../run-id.ts";
import type { SqliteConnection } from "./connection.ts";

/** Which run has started which, in SQLite. */
export class SqliteChildren implements ChildTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  async awaited(only?: AwaitedKey) {
    if (only === undefined) return this.#db.all<AwaitedRow>(SELECT_AWAITED);
    return this.#db.all<AwaitedRow>(SELECT_ONE_AWAITED, only.taskRunKey, only.generation, only.attempt);
  }

  async descendants(run: RunId) {
    return this.#db.all<ChildRow>(SELECT_DESCENDANTS, run);
  }

  async insert(rows: readonly ChildInsert[]) {
    for (const { taskRunKey, generation, attempt, runKey, childId, isAwaited } of rows) {
      this.#db.run(INSERT, taskRunKey, generation, attempt, runKey, Number(isAwaited), runKey, childId);
    }
  }

  async endAwaited({ taskRunKey, generation, attempt }: AwaitedKey) {
    this.#db.run(UPDATE_NOT_AWAITED, taskRunKey, generation, attempt);
  }
}

/** A run that was started by none is the root of what it starts. */
const INSERT = `
  insert into child_run (task_run_key, generation, attempt, run_key, is_awaited, child_key, root_key, depth)
  select ?, ?, ?, ?, ?, child.key, coalesce(above.root_key, parent.key), coalesce(above.depth, 0) + 1
  from run parent cross join run child left join child_run above on above.child_key = parent.key
  where parent.key = ? and child.id = ?
  on conflict do nothing`;

const AWAITED = `
  select child_run.task_run_key as taskRunKey, child_run.generation, child_run.attempt,
    task_run.state = 'deferred' and task_run.generation = child_run.generation
      and task_run.attempt = child_run.attempt as isWaiting,
    child.id as childId, child.state as childState, child.pipeline as childPipeline, version.hash as childVersion,
    child.first_key as childFirstKey
  from child_run cross join run child on child.key = child_run.child_key
    cross join task_run on task_run.key = child_run.task_run_key
    cross join version on version.key = child.version_key
  where child_run.is_awaited = 1
    and (child.finished_at is not null or task_run.state <> 'deferred'
      or task_run.generation <> child_run.generation or task_run.attempt <> child_run.attempt)`;

const SELECT_AWAITED = `${AWAITED} order by child_run.child_key limit 100`;

const SELECT_ONE_AWAITED = `
  ${AWAITED} and child_run.task_run_key = ? and child_run.generation = ? and child_run.attempt = ?`;

const UPDATE_NOT_AWAITED = `
  update child_run set is_awaited = 0 where task_run_key = ? and generation = ? and attempt = ?`;

const SELECT_DESCENDANTS = `
  with recursive below (child_key) as (
    select child_run.child_key from run cross join child_run on child_run.run_key = run.key where run.id = ?
    union
    select child_run.child_key from below cross join child_run on child_run.run_key = below.child_key
  )
  select parent.id as parentId, task_run.task_index as taskIndex, task_run.map_key as mapKey, child_run.generation,
    child_run.attempt, child.id as runId, child.pipeline, child.state, child_run.is_awaited as isAwaited
  from below cross join child_run on child_run.child_key = below.child_key
    cross join run parent on parent.key = child_run.run_key
    cross join run child on child.key = child_run.child_key
    cross join task_run on task_run.key = child_run.task_run_key
  order by child.key`;
