import type {
  DeadlineFinding,
  DeadlineInsert,
  DeadlineRow,
  DeadlineTable,
  MissedRow,
  RunSpanRow,
  TaskSpanPlace,
  TaskSpanRow,
} from "../deadline-rows.ts";
import type { PipelineName } from "../rows.ts";
import type { RunId } from "../store.ts";
import type { SqliteConnection } from "./connection.ts";

/** Deadlines in SQLite. */
export class SqliteDeadlines implements DeadlineTable {
  readonly #db: SqliteConnection;
  readonly #now: number;

  constructor(db: SqliteConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextAt() {
    return this.#db.get<{ dueAt: number | null }>(SELECT_NEXT)?.dueAt ?? undefined;
  }

  async missed(runs: readonly RunId[]) {
    return this.#db.all<MissedRow>(SELECT_MISSED, JSON.stringify(runs));
  }

  async successfulRuns({ project, pipeline }: PipelineName, limit: number) {
    return this.#db.all<RunSpanRow>(SELECT_RUN_SPANS, project, pipeline, limit);
  }

  async taskSpans(places: readonly TaskSpanPlace[]) {
    const pairs = places.map(({ runKey, taskIndex }) => [runKey, taskIndex]);
    return this.#db.all<TaskSpanRow>(SELECT_TASK_SPANS, JSON.stringify(pairs));
  }

  async insert(deadlines: readonly DeadlineInsert[]) {
    for (const { runKey, task, place, allowedMs, dueAt } of deadlines) {
      this.#db.run(INSERT, runKey, task, place, this.#now, allowedMs ?? null, dueAt);
    }
  }

  async settleEnded() {
    this.#db.run(SETTLE_ENDED, this.#now);
  }

  async due() {
    return this.#db.all<DeadlineRow>(SELECT_DUE, this.#now);
  }

  async note(runKey: number, findings: readonly DeadlineFinding[]) {
    for (const { task, place, lookAt, missed } of findings) {
      this.#db.run(NOTE, lookAt, missed?.at ?? null, missed?.what ?? null, runKey, task, place);
    }
  }

  async renew(runKey: number, tasks: readonly number[]) {
    for (const task of tasks) this.#db.run(RENEW, this.#now, this.#now, runKey, task);
  }
}

const SELECT_NEXT = "select min(due_at) as dueAt from deadline where due_at is not null";

const SELECT_MISSED = `
  select run.id as runId, task_index as task, missed_at as missedAt, missed
  from (select value as id from json_each(?)) as wanted
    cross join run on run.id = wanted.id
    cross join deadline on deadline.run_key = run.key
  where missed_at is not null order by missed_at, task_index, place`;

const SELECT_RUN_SPANS = `
  select wanted.key as runKey, version.hash as versionHash, finished_at - started_at as durationMs
  from (
    select key, version_key, started_at, finished_at from run
    where project = ? and pipeline = ? and state = 'success' and finished_at is not null order by key desc limit ?
  ) as wanted cross join version on version.key = wanted.version_key
  where started_at is not null order by wanted.key desc`;

const SELECT_TASK_SPANS = `
  select task_run.run_key as runKey, task_run.task_index as taskIndex,
    max(task_run.finished_at) - min(task_run.started_at) as durationMs
  from (select value ->> 0 as run_key, value ->> 1 as task_index from json_each(?)) as wanted
    cross join task_run on task_run.run_key = wanted.run_key and task_run.task_index = wanted.task_index
  where task_run.started_at is not null
  group by task_run.run_key, task_run.task_index
  having min(task_run.state = 'success')`;

const INSERT = `
  insert into deadline (run_key, task_index, place, since, allowed_ms, due_at) values (?, ?, ?, ?, ?, ?)`;

const SETTLE_ENDED = `
  update deadline set due_at = null
  where due_at <= ? and (select finished_at from run where run.key = deadline.run_key) is not null`;

const SELECT_DUE = `
  select run_key as runKey, run.id as runId, task_index as task, place, since, allowed_ms as allowedMs, due_at as dueAt
  from deadline cross join run on run.key = deadline.run_key
  where due_at <= ? and run.finished_at is null order by due_at, run_key, task_index, place limit 100`;

const NOTE = `
  update deadline set due_at = ?, missed_at = ?, missed = ? where run_key = ? and task_index = ? and place = ?`;

const RENEW = `
  update deadline set since = ?, due_at = ? + allowed_ms, missed_at = null, missed = null
  where run_key = ? and task_index = ? and allowed_ms is not null`;
