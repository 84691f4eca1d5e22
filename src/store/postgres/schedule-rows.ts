import type { Instant } from "../../core/instant.ts";
import type { PipelineName } from "../rows.ts";
import type {
  DeploymentRow,
  GapInsert,
  GapRow,
  LockedScheduleRow,
  ScheduleDecision,
  ScheduledRunInsert,
  ScheduleEdit,
  ScheduleInsert,
  ScheduleRow,
  ScheduleWriter,
} from "../schedule-rows.ts";
import type { PostgresConnection } from "./connection.ts";
import type { Schema } from "./schema.ts";

/** Schedules and deployments in PostgreSQL. */
export class PostgresScheduleRows implements ScheduleWriter {
  readonly #db: PostgresConnection;
  readonly #schema: Schema;
  readonly #now: Instant;

  constructor(db: PostgresConnection, schema: Schema, now: Instant) {
    this.#db = db;
    this.#schema = schema;
    this.#now = now;
  }

  deployment(project: string) {
    return this.#db.get<DeploymentRow>(SELECT_DEPLOYMENT, project);
  }

  schedules(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<ScheduleRow>(SELECT_LIVE, project)
      : this.#db.all<ScheduleRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  async nextScheduleAt() {
    return (await this.#db.get<{ nextAt: number | null }>(SELECT_NEXT))?.nextAt ?? undefined;
  }

  dueSchedules(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_DUE, this.#now, limit);
  }

  schedulesAfterRun(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_AFTER_RUN, limit);
  }

  schedulesToAsk(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_TO_ASK, limit);
  }

  scheduleGaps(scheduleKey: number, limit: number) {
    return this.#db.all<GapRow>(SELECT_GAPS, scheduleKey, limit);
  }

  async lockDeployment(project: string) {
    this.#db.send(LOCK_DEPLOYMENT, this.#schema.deployments, project);
  }

  async saveDeployment(row: DeploymentRow) {
    const { project, versionHash, kept, faults, deployedAt, deployedBy } = row;
    this.#db.send(UPSERT_DEPLOYMENT, project, versionHash, kept, faults, deployedAt, deployedBy);
  }

  lockSchedulesOf(project: string) {
    return this.#db.all<ScheduleRow>(LOCK_EVER, project);
  }

  async insertSchedules(rows: readonly ScheduleInsert[]) {
    if (rows.length === 0) return;
    const of = <Name extends keyof ScheduleInsert>(name: Name) => rows.map((row) => row[name]);
    const values = [of("project"), of("pipeline"), of("name"), of("spec"), of("origin"), of("nextAt"), of("rest")];
    this.#db.send(INSERT, ...values);
  }

  async editSchedules(edits: readonly ScheduleEdit[]) {
    if (edits.length === 0) return;
    const of = <Name extends keyof ScheduleEdit>(name: Name) => edits.map((edit) => edit[name]);
    this.#db.send(EDIT, of("key"), of("spec"), of("origin"), of("nextAt"), of("rest"), of("fault"), of("removedAt"));
  }

  lockSchedules(keys: readonly number[]) {
    return this.#db.all<LockedScheduleRow>(LOCK_BY_KEY, keys);
  }

  async decideSchedules(decisions: readonly ScheduleDecision[]) {
    if (decisions.length === 0) return;
    const of = <Name extends keyof ScheduleDecision>(name: Name) => decisions.map((decision) => decision[name]);
    this.#db.send(DECIDE, of("key"), of("mark"), of("nextAt"), of("rest"), of("lastRun"), of("fault"));
  }

  async keepAnswer(key: number, answer: string) {
    this.#db.send(KEEP_ANSWER, answer, key);
  }

  async insertScheduledRuns(rows: readonly ScheduledRunInsert[]) {
    const of = <Name extends keyof ScheduledRunInsert>(name: Name) => rows.map((row) => row[name]);
    const made = await this.#db.all<{ runId: string }>(INSERT_RUNS, of("scheduleKey"), of("intervalEnd"), of("runId"));
    const isMade = new Set(made.map(({ runId }) => runId));
    return rows.map(({ runId }) => isMade.has(runId));
  }

  async noteGap({ scheduleKey, reason, from, to, ticks }: GapInsert) {
    this.#db.send(NOTE_GAP, scheduleKey, reason, from, to, ticks);
  }

  async restSchedules({ project, pipeline }: PipelineName) {
    this.#db.send(REST, project, pipeline);
  }

  async wakeSchedules({ project, pipeline }: PipelineName) {
    this.#db.send(WAKE, project, pipeline, this.#now);
  }

  async restoreSchedules() {
    return (await this.#db.all(RESTORE, this.#now)).length;
  }
}

const SELECT_DEPLOYMENT = {
  name: "select_deployment",
  text: `
    select project, version_hash as "versionHash", kept, faults, deployed_at as "deployedAt", deployed_by as "deployedBy"
    from deployment where project = $1`,
};

const LOCK_DEPLOYMENT = { name: "lock_deployment", text: "select pg_advisory_xact_lock($1, hashtext($2))" };

const UPSERT_DEPLOYMENT = {
  name: "upsert_deployment",
  text: `
    insert into deployment (project, version_hash, kept, faults, deployed_at, deployed_by)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (project) do update
      set version_hash = excluded.version_hash, kept = excluded.kept, faults = excluded.faults,
        deployed_at = excluded.deployed_at, deployed_by = excluded.deployed_by`,
};

const COLUMNS = `
  key, project, pipeline, name, generation, spec, origin, mark, next_at as "nextAt", rest, last_run as "lastRun", answer,
  fault, removed_at as "removedAt"`;

const SELECT_LIVE = {
  name: "select_schedules",
  text: `select ${COLUMNS} from schedule where project = $1 and removed_at is null order by pipeline, name`,
};

const SELECT_OF_PIPELINE = {
  name: "select_schedules_of_pipeline",
  text: `
    select ${COLUMNS} from schedule where project = $1 and pipeline = $2 and removed_at is null order by name`,
};

const LOCK_EVER = {
  name: "lock_schedules_of_project",
  text: `select ${COLUMNS} from schedule where project = $1 order by key for update`,
};

const INSERT = {
  name: "insert_schedules",
  text: `
    insert into schedule (project, pipeline, name, generation, spec, origin, next_at, rest)
    select project, pipeline, name, 1, spec, origin, next_at, rest
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[])
      as made (project, pipeline, name, spec, origin, next_at, rest)`,
};

const EDIT = {
  name: "edit_schedules",
  text: `
    update schedule
    set generation = schedule.generation + 1, spec = made.spec, origin = made.origin, next_at = made.next_at,
      rest = made.rest, fault = made.fault, removed_at = made.removed_at, answer = null
    from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[])
      as made (key, spec, origin, next_at, rest, fault, removed_at)
    where schedule.key = made.key`,
};

const SELECT_NEXT = {
  name: "select_next_schedule",
  text: 'select min(next_at) as "nextAt" from schedule where next_at is not null',
};

const SELECT_DUE = {
  name: "select_due_schedules",
  text: `select ${COLUMNS} from schedule where next_at <= $1 order by next_at, key limit $2`,
};

const SELECT_AFTER_RUN = {
  name: "select_schedules_after_run",
  text: `
    select ${COLUMNS} from schedule
    where rest = 'run' and next_at is null and removed_at is null
      and not exists (select 1 from run where run.id = schedule.last_run and run.finished_at is null)
    order by key limit $1`,
};

const SELECT_TO_ASK = {
  name: "select_schedules_to_ask",
  text: `
    select ${COLUMNS} from schedule
    where rest = 'code' and next_at is null and removed_at is null order by key limit $1`,
};

const SELECT_GAPS = {
  name: "select_schedule_gaps",
  text: `
    select reason, from_at as "from", to_at as "to", ticks from schedule_gap where schedule_key = $1
    order by to_at desc limit $2`,
};

const LOCK_BY_KEY = {
  name: "lock_schedules",
  text: `
    select ${COLUMNS}, exists (
      select 1 from pipeline_state state where state.project = schedule.project and state.pipeline = schedule.pipeline
    ) as "isPaused"
    from schedule where key = any($1::bigint[]) order by key for update`,
};

/** The mark never goes back. */
const DECIDE = {
  name: "decide_schedules",
  text: `
    update schedule
    set mark = greatest(schedule.mark, made.mark), next_at = made.next_at, rest = made.rest, last_run = made.last_run,
      fault = made.fault
    from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[])
      as made (key, mark, next_at, rest, last_run, fault)
    where schedule.key = made.key`,
};

const KEEP_ANSWER = { name: "keep_schedule_answer", text: "update schedule set answer = $1 where key = $2" };

const INSERT_RUNS = {
  name: "insert_scheduled_runs",
  text: `
    insert into scheduled_run (schedule_key, interval_end, run_id)
    select * from unnest($1::bigint[], $2::bigint[], $3::text[])
    on conflict (schedule_key, interval_end) do nothing
    returning run_id as "runId"`,
};

const NOTE_GAP = {
  name: "note_schedule_gap",
  text: `
    with extended as (
      update schedule_gap set to_at = $4, ticks = ticks + $5 where schedule_key = $1 and to_at = $3 and reason = $2
      returning 1
    )
    insert into schedule_gap (schedule_key, reason, from_at, to_at, ticks)
    select $1, $2, $3, $4, $5 where not exists (select 1 from extended)`,
};

const REST = {
  name: "rest_schedules",
  text: `
    update schedule set next_at = null, rest = 'paused'
    where project = $1 and pipeline = $2 and removed_at is null and (rest is null or rest in ('run', 'code'))`,
};

const WAKE = {
  name: "wake_schedules",
  text: `
    update schedule set next_at = $3, rest = null
    where project = $1 and pipeline = $2 and removed_at is null and rest = 'paused'`,
};

const RESTORE = {
  name: "restore_schedules",
  text: `
    update schedule set next_at = $1, rest = null
    where next_at is null and removed_at is null and (rest is null or rest = 'paused' and not exists (
      select 1 from pipeline_state state where state.project = schedule.project and state.pipeline = schedule.pipeline))
    returning 1`,
};
