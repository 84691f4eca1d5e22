import type { PauseRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Whether the pipeline was not paused before. */
export async function insertPause(
  db: PostgresConnection,
  { project, pipeline, pausedBy, reason }: Omit<PauseRow, "pausedAt">,
  now: number,
): Promise<boolean> {
  return (await db.get(INSERT, project, pipeline, now, pausedBy, reason)) !== undefined;
}

/** Whether the pipeline was paused before. */
export async function deletePause(db: PostgresConnection, project: string, pipeline: string): Promise<boolean> {
  return (await db.get(DELETE, project, pipeline)) !== undefined;
}

export function selectPaused(db: PostgresConnection, project: string): Promise<readonly PauseRow[]> {
  return db.all<PauseRow>(SELECT, project);
}

const INSERT = {
  name: "pause_pipeline",
  text: `
    insert into pipeline_state (project, pipeline, paused_at, paused_by, reason) values ($1, $2, $3, $4, $5)
    on conflict (project, pipeline) do nothing
    returning 1`,
};

const DELETE = {
  name: "resume_pipeline",
  text: "delete from pipeline_state where project = $1 and pipeline = $2 returning 1",
};

const SELECT = {
  name: "select_paused_pipelines",
  text: `
    select project, pipeline, paused_at as "pausedAt", paused_by as "pausedBy", reason from pipeline_state
    where project = $1 order by pipeline`,
};
