import type { DeploymentRow, ScheduleEdit, ScheduleInsert, ScheduleRow, ScheduleWriter } from "../schedule-rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Schedules and deployments in SQLite, where every writer is alone anyway. */
export class SqliteScheduleRows implements ScheduleWriter {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  async deployment(project: string) {
    return this.#db.get<DeploymentRow>(SELECT_DEPLOYMENT, project);
  }

  async schedules(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<ScheduleRow>(SELECT_LIVE, project)
      : this.#db.all<ScheduleRow>(SELECT_OF_PIPELINE, project, pipeline);
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
    for (const { key, spec, origin, nextAt, rest, removedAt } of edits) {
      this.#db.run(EDIT, spec, origin, nextAt, rest, removedAt, key);
    }
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
  set generation = generation + 1, spec = ?, origin = ?, next_at = ?, rest = ?, removed_at = ?, answer = null, fault = null
  where key = ?`;
