import type { CursorMove } from "../cursor-moves.ts";
import type { CursorName } from "../cursor-store.ts";
import type { CursorRow, PipelineName } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

export function selectCursor(db: SqliteConnection, { project, pipeline, name }: CursorName): CursorRow | undefined {
  return db.get<CursorRow>(SELECT, project, pipeline, name);
}

export function selectCursors(db: SqliteConnection, { project, pipeline }: PipelineName): readonly CursorRow[] {
  return db.all<CursorRow>(SELECT_OF_PIPELINE, project, pipeline);
}

/** Makes those that are missing. */
export function lockCursors(db: SqliteConnection, names: readonly CursorName[]): readonly CursorRow[] {
  return names.flatMap(({ project, pipeline, name }) => db.all<CursorRow>(LOCK, project, pipeline, name));
}

export function updateCursor(db: SqliteConnection, move: CursorMove, now: number): void {
  const { project, pipeline, name, version, value, runId, task, actor } = move;
  const changed = db.run(UPDATE, version, value, now, runId, task, actor, project, pipeline, name, version - 1);
  if (changed !== 1) throw new Error(`Cursor ${name} of ${pipeline} was not locked`);
}

const COLUMNS = "project, pipeline, name, version, value, moved_at as movedAt, run_id as runId, task, actor";

const SELECT = `select ${COLUMNS} from source_cursor where project = ? and pipeline = ? and name = ?`;

const SELECT_OF_PIPELINE = `select ${COLUMNS} from source_cursor where project = ? and pipeline = ? order by name`;

const LOCK = `
  insert into source_cursor (project, pipeline, name, version) values (?, ?, ?, 0)
  on conflict (project, pipeline, name) do update set version = source_cursor.version
  returning ${COLUMNS}`;

const UPDATE = `
  update source_cursor set version = ?, value = ?, moved_at = ?, run_id = ?, task = ?, actor = ?
  where project = ? and pipeline = ? and name = ? and version = ?`;
