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
import type { PostgresConnection } from "./connection.ts";

/** Deadlines in PostgreSQL. */
export class PostgresDeadlines implements DeadlineTable {
  readonly #db: PostgresConnection;
  readonly #now: number;

  constructor(db: PostgresConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextAt() {
    return (await this.#db.get<{ dueAt: number | null }>(SELECT_NEXT))?.dueAt ?? undefined;
  }

  missed(runs: readonly RunId[]) {
    return this.#db.all<MissedRow>(SELECT_MISSED, runs);
  }

  successfulRuns({ project, pipeline }: PipelineName, limit: number) {
    return this.#db.all<RunSpanRow>(SELECT_RUN_SPANS, project, pipeline, limit);
  }

  taskSpans(places: readonly TaskSpanPlace[]) {
    const runs = places.map(({ runKey }) => runKey);
    const tasks = places.map(({ taskIndex }) => taskIndex);
    return this.#db.all<TaskSpanRow>(SELECT_TASK_SPANS, runs, tasks);
  }

  async insert(deadlines: readonly DeadlineInsert[]) {
    if (deadlines.length === 0) return;
    const of = <Name extends keyof DeadlineInsert>(name: Name) => deadlines.map((one) => one[name] ?? null);
    this.#db.send(INSERT, this.#now, of("runKey"), of("task"), of("place"), of("allowedMs"), of("dueAt"));
  }

  async settleEnded() {
    this.#db.send(SETTLE_ENDED, this.#now);
  }

  due() {
    return this.#db.all<DeadlineRow>(SELECT_DUE, this.#now);
  }

  async note(runKey: number, findings: readonly DeadlineFinding[]) {
    const values = [
      findings.map(({ task }) => task),
      findings.map(({ place }) => place),
      findings.map(({ lookAt }) => lookAt),
      findings.map(({ missed }) => missed?.at ?? null),
      findings.map(({ missed }) => missed?.what ?? null),
    ];
    this.#db.send(NOTE, runKey, ...values);
  }

  async renew(runKey: number, tasks: readonly number[]) {
    this.#db.send(RENEW, this.#now, runKey, tasks);
  }
}

const SELECT_NEXT = {
  name: "select_next_deadline",
  text: 'select min(due_at) as "dueAt" from deadline where due_at is not null',
};

const SELECT_MISSED = {
  name: "select_missed_deadlines",
  text: `
    select run.id as "runId", task_index as task, missed_at as "missedAt", missed
    from run join deadline on deadline.run_key = run.key
    where run.id = any($1::text[]) and missed_at is not null order by missed_at, task_index, place`,
};

const SELECT_RUN_SPANS = {
  name: "select_run_spans",
  text: `
    select run.key as "runKey", version.hash as "versionHash", finished_at - started_at as "durationMs"
    from (
      select key, version_key, started_at, finished_at from run
      where project = $1 and pipeline = $2 and state = 'success' and finished_at is not null order by key desc limit $3
    ) as run join version on version.key = run.version_key
    where started_at is not null order by run.key desc`,
};

/** `offset 0`: place by place, where the planner, when it knows of few, would read all that there is. */
const SELECT_TASK_SPANS = {
  name: "select_task_spans",
  text: `
    select wanted.run_key as "runKey", wanted.task_index as "taskIndex", found."durationMs"
    from unnest($1::bigint[], $2::integer[]) as wanted (run_key, task_index)
      cross join lateral (
        select max(finished_at) - min(started_at) as "durationMs", bool_and(state = 'success') as is_success
        from task_run
        where task_run.run_key = wanted.run_key and task_run.task_index = wanted.task_index
          and task_run.started_at is not null
        offset 0
      ) as found
    where found.is_success`,
};

const INSERT = {
  name: "insert_deadlines",
  text: `
    insert into deadline (since, run_key, task_index, place, allowed_ms, due_at)
    select $1, * from unnest($2::bigint[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[])`,
};

const SETTLE_ENDED = {
  name: "settle_deadlines",
  text: `
    update deadline set due_at = null
    from run
    where deadline.due_at <= $1 and run.key = deadline.run_key and run.finished_at is not null`,
};

const SELECT_DUE = {
  name: "select_due_deadlines",
  text: `
    select run_key as "runKey", run.id as "runId", task_index as task, place, since, allowed_ms as "allowedMs",
      due_at as "dueAt"
    from deadline join run on run.key = deadline.run_key
    where due_at <= $1 and run.finished_at is null order by due_at, run_key, task_index, place limit 100`,
};

const NOTE = {
  name: "note_deadlines",
  text: `
    update deadline set due_at = found.look_at, missed_at = found.missed_at, missed = found.missed
    from unnest($2::integer[], $3::integer[], $4::bigint[], $5::bigint[], $6::text[])
      as found (task_index, place, look_at, missed_at, missed)
    where deadline.run_key = $1 and deadline.task_index = found.task_index and deadline.place = found.place`,
};

const RENEW = {
  name: "renew_deadlines",
  text: `
    update deadline set since = $1, due_at = $1 + allowed_ms, missed_at = null, missed = null
    where run_key = $2 and task_index = any($3::integer[]) and allowed_ms is not null`,
};
