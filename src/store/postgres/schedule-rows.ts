import type { DeploymentRow, ScheduleEdit, ScheduleInsert, ScheduleRow, ScheduleWriter } from "../schedule-rows.ts";
import type { PostgresConnection } from "./connection.ts";
import type { Schema } from "./schema.ts";

/** Schedules and deployments in PostgreSQL. */
export class PostgresScheduleRows implements ScheduleWriter {
  readonly #db: PostgresConnection;
  readonly #schema: Schema;

  constructor(db: PostgresConnection, schema: Schema) {
    this.#db = db;
    this.#schema = schema;
  }

  deployment(project: string) {
    return this.#db.get<DeploymentRow>(SELECT_DEPLOYMENT, project);
  }

  schedules(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<ScheduleRow>(SELECT_LIVE, project)
      : this.#db.all<ScheduleRow>(SELECT_OF_PIPELINE, project, pipeline);
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
    this.#db.send(EDIT, of("key"), of("spec"), of("origin"), of("nextAt"), of("rest"), of("removedAt"));
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
      rest = made.rest, removed_at = made.removed_at, answer = null, fault = null
    from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[])
      as made (key, spec, origin, next_at, rest, removed_at)
    where schedule.key = made.key`,
};
