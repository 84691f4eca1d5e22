import type { PauseRow } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Whether the pipeline was not paused before. */
export function insertPause(db: SqliteConnection, pause: Omit<PauseRow, "pausedAt">, now: number): boolean {
  return db.run(INSERT, pause.project, pause.pipeline, now, pause.pausedBy, pause.reason) === 1;
}

/** Whether the pipeline was paused before. */
export function deletePause(db: SqliteConnection, project: string, pipeline: string): boolean {
  return db.run(DELETE, project, pipeline) === 1;
}

export function selectPaused(db: SqliteConnection, project: string): readonly PauseRow[] {
  return db.all<PauseRow>(SELECT, project);
}

const INSERT = `
  insert into pipeline_state (project, pipeline, paused_at, paused_by, reason) values (?, ?, ?, ?, ?)
  on conflict (project, pipeline) do nothing`;

const DELETE = "delete from pipeline_state where project = ? and pipeline = ?";

const SELECT = `
  select project, pipeline, paused_at as pausedAt, paused_by as pausedBy, reason from pipeline_state
  where project = ? order by pipeline`;
