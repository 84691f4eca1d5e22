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
import type { SqliteConnection } from "./connection.ts";

/** Schedules and deployments in SQLite, where every writer is alone anyway. */
export class SqliteScheduleRows implements ScheduleWriter {
  readonly #db: SqliteConnection;
  readonly #now: Instant;

  constructor(db: SqliteConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async deployment(project: string) {
    return this.#db.get<DeploymentRow>(SELECT_DEPLOYMENT, project);
  }

  async schedules(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<ScheduleRow>(SELECT_LIVE, project)
      : this.#db.all<ScheduleRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  async nextScheduleAt() {
    return this.#db.get<{ nextAt: number | null }>(SELECT_NEXT)?.nextAt ?? undefined;
  }

  async dueSchedules(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_DUE, this.#now, limit);
  }

  async schedulesAfterRun(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_AFTER_RUN, limit);
  }

  async schedulesToAsk(limit: number) {
    return this.#db.all<ScheduleRow>(SELECT_TO_ASK, limit);
  }

  async scheduleGaps(scheduleKey: number, limit: number) {
    return this.#db.all<GapRow>(SELECT_GAPS, scheduleKey, limit);
  }

  async lockDeployment() {}

  async saveDeployment(row: DeploymentRow) {
    const { project, versionHash, kept, faults, deployedAt, deployedBy } = row;
    this.#db.run(UPSERT_DEPLOYMENT, project, versionHash, kept, faults, deployedAt, deployedBy);
  }

  async lockSchedulesOf(project: string) {
    return this.#db.all<ScheduleRow>(SELECT_EVER, project);
  }

  async insertSchedules(rows: readonly ScheduleInsert[]) {
    for (const { project, pipeline, name, spec, origin, nextAt, rest } of rows) {
      this.#db.run(INSERT, project, pipeline, name, spec, origin, nextAt, rest);
    }
  }

  async editSchedules(edits: readonly ScheduleEdit[]) {
    for (const { key, spec, origin, nextAt, rest, fault, removedAt } of edits) {
      this.#db.run(EDIT, spec, origin, nextAt, rest, fault, removedAt, key);
    }
  }

  async lockSchedules(keys: readonly number[]) {
    return this.#db.all<LockedScheduleRow>(SELECT_BY_KEY, JSON.stringify(keys));
  }

  async decideSchedules(decisions: readonly ScheduleDecision[]) {
    for (const { key, mark, nextAt, rest, lastRun, fault } of decisions) {
      this.#db.run(DECIDE, mark, nextAt, rest, lastRun, fault, key);
    }
  }

  async keepAnswer(key: number, answer: string) {
    this.#db.run(KEEP_ANSWER, answer, key);
  }

  async insertScheduledRuns(rows: readonly ScheduledRunInsert[]) {
    return rows.map((row) => this.#db.run(INSERT_RUN, row.scheduleKey, row.intervalEnd, row.runId) === 1);
  }

  async noteGap({ scheduleKey, reason, from, to, ticks }: GapInsert) {
    if (this.#db.run(EXTEND_GAP, to, ticks, scheduleKey, from, reason) === 1) return;
    this.#db.run(INSERT_GAP, scheduleKey, reason, from, to, ticks);
  }

  async restSchedules({ project, pipeline }: PipelineName) {
    this.#db.run(REST, project, pipeline);
  }

  async wakeSchedules({ project, pipeline }: PipelineName) {
    this.#db.run(WAKE, this.#now, project, pipeline);
  }

  async restoreSchedules() {
    return this.#db.run(RESTORE_LOST, this.#now) + this.#db.run(RESTORE_RESUMED, this.#now);
  }
}

const SELECT_DEPLOYMENT = `
  select project, version_hash as versionHash, kept, faults, deployed_at as deployedAt, deployed_by as deployedBy
  from deployment where project = ?`;

const UPSERT_DEPLOYMENT = `
  insert into deployment (project, version_hash, kept, faults, deployed_at, deployed_by) values (?, ?, ?, ?, ?, ?)
  on conflict (project) do update
    set version_hash = excluded.version_hash, kept = excluded.kept, faults = excluded.faults,
      deployed_at = excluded.deployed_at, deployed_by = excluded.deployed_by`;

const COLUMNS = `
  key, project, pipeline, name, generation, spec, origin, mark, next_at as nextAt, rest, last_run as lastRun, answer,
  fault, removed_at as removedAt`;

const SELECT_LIVE = `
  select ${COLUMNS} from schedule where project = ? and removed_at is null order by pipeline, name`;

const SELECT_OF_PIPELINE = `
  select ${COLUMNS} from schedule where project = ? and pipeline = ? and removed_at is null order by name`;

const SELECT_EVER = `select ${COLUMNS} from schedule where project = ?`;

const INSERT = `
  insert into schedule (project, pipeline, name, generation, spec, origin, next_at, rest) values (?, ?, ?, 1, ?, ?, ?, ?)`;

const EDIT = `
  update schedule
  set generation = generation + 1, spec = ?, origin = ?, next_at = ?, rest = ?, fault = ?, removed_at = ?, answer = null
  where key = ?`;

const SELECT_NEXT = "select min(next_at) as nextAt from schedule where next_at is not null";

const SELECT_DUE = `select ${COLUMNS} from schedule where next_at <= ? order by next_at, key limit ?`;

const SELECT_AFTER_RUN = `
  select ${COLUMNS} from schedule
  where rest = 'run' and next_at is null and removed_at is null
    and not exists (select 1 from run where run.id = schedule.last_run and run.finished_at is null)
  order by key limit ?`;

const SELECT_TO_ASK = `
  select ${COLUMNS} from schedule
  where rest = 'code' and next_at is null and removed_at is null order by key limit ?`;

const SELECT_GAPS = `
  select reason, from_at as "from", to_at as "to", ticks from schedule_gap where schedule_key = ?
  order by to_at desc limit ?`;

const SELECT_BY_KEY = `
  select ${COLUMNS}, exists (
    select 1 from pipeline_state state where state.project = schedule.project and state.pipeline = schedule.pipeline
  ) as isPaused
  from schedule where key in (select value from json_each(?)) order by key`;

/** The mark never goes back. */
const DECIDE = `
  update schedule set mark = max(coalesce(mark, ?1), ?1), next_at = ?2, rest = ?3, last_run = ?4, fault = ?5 where key = ?6`;

const KEEP_ANSWER = "update schedule set answer = ? where key = ?";

const INSERT_RUN = `
  insert into scheduled_run (schedule_key, interval_end, run_id) values (?, ?, ?)
  on conflict (schedule_key, interval_end) do nothing`;

const EXTEND_GAP = `
  update schedule_gap set to_at = ?, ticks = ticks + ? where schedule_key = ? and to_at = ? and reason = ?`;

const INSERT_GAP = "insert into schedule_gap (schedule_key, reason, from_at, to_at, ticks) values (?, ?, ?, ?, ?)";

const REST = `
  update schedule set next_at = null, rest = 'paused'
  where project = ? and pipeline = ? and removed_at is null and (rest is null or rest = 'run' or rest = 'code')`;

const WAKE = `
  update schedule set next_at = ?, rest = null
  where project = ? and pipeline = ? and removed_at is null and rest = 'paused'`;

const RESTORE_LOST = `
  update schedule set next_at = ? where next_at is null and removed_at is null and rest is null`;

const RESTORE_RESUMED = `
  update schedule set next_at = ?, rest = null
  where next_at is null and removed_at is null and rest = 'paused' and not exists (
    select 1 from pipeline_state state where state.project = schedule.project and state.pipeline = schedule.pipeline)`;
