import type { CursorRow, CursorTable } from "../cursor-rows.ts";
import type { CursorName } from "../cursor-store.ts";
import type { PipelineName } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Source cursors in PostgreSQL. */
export class PostgresCursors implements CursorTable {
  readonly #db: PostgresConnection;

  constructor(db: PostgresConnection) {
    this.#db = db;
  }

  one({ project, pipeline, name }: CursorName) {
    return this.#db.get<CursorRow>(SELECT, project, pipeline, name);
  }

  ofPipeline({ project, pipeline }: PipelineName) {
    return this.#db.all<CursorRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  /** In this order. */
  lock(names: readonly CursorName[]) {
    const column = (name: keyof CursorName) => names.map((one) => one[name]);
    return this.#db.all<CursorRow>(LOCK, column("project"), column("pipeline"), column("name"));
  }
}

const COLUMNS = `project, pipeline, name, version, value, moved_at as "movedAt", run_id as "runId", task, actor`;

const SELECT = {
  name: "select_cursor",
  text: `select ${COLUMNS} from source_cursor where project = $1 and pipeline = $2 and name = $3`,
};

const SELECT_OF_PIPELINE = {
  name: "select_cursors",
  text: `
    select ${COLUMNS} from source_cursor where project = $1 and pipeline = $2 order by name collate "C"`,
};

const LOCK = {
  name: "lock_cursors",
  text: `
    insert into source_cursor (project, pipeline, name, version)
    select wanted.project, wanted.pipeline, wanted.name, 0
    from unnest($1::text[], $2::text[], $3::text[]) with ordinality as wanted (project, pipeline, name, place)
    order by wanted.place
    on conflict (project, pipeline, name) do update set version = source_cursor.version
    returning ${COLUMNS}`,
};
