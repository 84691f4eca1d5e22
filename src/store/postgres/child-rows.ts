import type { ChildInsert, ChildTable } from "../child-rows.ts";
import type { AwaitedKey, AwaitedRow, ChildRow } from "../rows.ts";
import type { RunId } from "../run-id.ts";
import type { PostgresConnection } from "./connection.ts";

/** Which run has started which, in PostgreSQL. */
export class PostgresChildren implements ChildTable {
  readonly #db: PostgresConnection;

  constructor(db: PostgresConnection) {
    this.#db = db;
  }

  awaited(only?: AwaitedKey) {
    if (only === undefined) return this.#db.all<AwaitedRow>(SELECT_AWAITED);
    return this.#db.all<AwaitedRow>(SELECT_ONE_AWAITED, only.taskRunKey, only.generation, only.attempt);
  }

  descendants(run: RunId) {
    return this.#db.all<ChildRow>(SELECT_DESCENDANTS, run);
  }

  async insert(rows: readonly ChildInsert[]) {
    const column = (name: keyof ChildInsert) => rows.map((row) => row[name]);
    this.#db.send(
      INSERT,
      ...[column("taskRunKey"), column("generation"), column("attempt"), column("runKey"), column("isAwaited")],
      column("childId"),
    );
  }

  async endAwaited({ taskRunKey, generation, attempt }: AwaitedKey) {
    this.#db.send(UPDATE_NOT_AWAITED, taskRunKey, generation, attempt);
  }
}

/** A run that was started by none is the root of what it starts. */
const INSERT = {
  name: "insert_child_runs",
  text: `
    insert into child_run (task_run_key, generation, attempt, run_key, is_awaited, child_key, root_key, depth)
    select made.task_run_key, made.generation, made.attempt, made.run_key, made.is_awaited, child.key,
      coalesce(above.root_key, made.run_key), coalesce(above.depth, 0) + 1
    from unnest($1::bigint[], $2::integer[], $3::integer[], $4::bigint[], $5::boolean[], $6::text[])
        as made (task_run_key, generation, attempt, run_key, is_awaited, child_id)
      join run child on child.id = made.child_id
      left join child_run above on above.child_key = made.run_key
    on conflict do nothing`,
};

/** `offset 0`: else the planner, when it takes many to be awaited, reads all runs in the order that is asked for. */
const AWAITED = `
  select child_run.task_run_key as "taskRunKey", child_run.generation, child_run.attempt,
    (task_run.state = 'deferred' and task_run.generation = child_run.generation
      and task_run.attempt = child_run.attempt) as "isWaiting",
    child.id as "childId", child.state as "childState", child.pipeline as "childPipeline", version.hash as "childVersion",
    child.first_key as "childFirstKey"
  from child_run cross join lateral (select * from run where run.key = child_run.child_key offset 0) as child
    join task_run on task_run.key = child_run.task_run_key
    join version on version.key = child.version_key
  where child_run.is_awaited
    and (child.finished_at is not null or task_run.state <> 'deferred'
      or task_run.generation <> child_run.generation or task_run.attempt <> child_run.attempt)`;

const SELECT_AWAITED = {
  name: "select_awaited_runs",
  text: `${AWAITED} order by child_run.child_key limit 100`,
};

const SELECT_ONE_AWAITED = {
  name: "select_awaited_run",
  text: `${AWAITED} and child_run.task_run_key = $1 and child_run.generation = $2 and child_run.attempt = $3`,
};

const UPDATE_NOT_AWAITED = {
  name: "update_not_awaited",
  text: "update child_run set is_awaited = false where task_run_key = $1 and generation = $2 and attempt = $3",
};

const SELECT_DESCENDANTS = {
  name: "select_descendants",
  text: `
    with recursive below (child_key) as (
      select child_run.child_key from run join child_run on child_run.run_key = run.key where run.id = $1
      union
      select child_run.child_key from below join child_run on child_run.run_key = below.child_key
    )
    select parent.id as "parentId", task_run.task_index as "taskIndex", task_run.map_key as "mapKey",
      child_run.generation, child_run.attempt, child.id as "runId", child.pipeline, child.state,
      child_run.is_awaited as "isAwaited"
    from below join child_run on child_run.child_key = below.child_key
      join run parent on parent.key = child_run.run_key
      join run child on child.key = child_run.child_key
      join task_run on task_run.key = child_run.task_run_key
    order by child.key`,
};
