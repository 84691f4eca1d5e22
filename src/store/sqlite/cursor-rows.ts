import type { CursorMove } from "../cursor-moves.ts";
import type { CursorRow, CursorTable } from "../cursor-rows.ts";
import type { CursorName } from "../cursor-store.ts";
import type { PipelineName } from "../rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Source cursors in SQLite. */
export class SqliteCursors implements CursorTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  async one({ project, pipeline, name }: CursorName) {
    return this.#db.get<CursorRow>(SELECT, project, pipeline, name);
  }

  async ofPipeline({ project, pipeline }: PipelineName) {
    return this.#db.all<CursorRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  async lock(names: readonly CursorName[]) {
    return names.flatMap(({ project, pipeline, name }) => this.#db.all<CursorRow>(LOCK, project, pipeline, name));
  }
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
