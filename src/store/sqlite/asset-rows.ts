import type { AssetFinding, AssetMade, AssetRow, AssetTable } from "../asset-rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Assets with deadlines in SQLite. */
export class SqliteAssets implements AssetTable {
  readonly #db: SqliteConnection;
  readonly #now: number;

  constructor(db: SqliteConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextAt() {
    return this.#db.get<{ nextAt: number | null }>(SELECT_NEXT)?.nextAt ?? undefined;
  }

  async ofProject(project: string) {
    return this.#db.all<AssetRow>(SELECT_LIVE, project);
  }

  async lockAll(project: string) {
    return this.#db.all<AssetRow>(SELECT_EVER, project);
  }

  async save(rows: Parameters<AssetTable["save"]>[0]) {
    for (const { project, asset, spec, nextAt } of rows) this.#db.run(UPSERT, project, asset, spec, nextAt);
  }

  async lockDue() {
    return this.#db.all<AssetRow>(SELECT_DUE, this.#now);
  }

  async note(findings: readonly AssetFinding[]) {
    for (const { project, asset, nextAt, missedDue } of findings) {
      if (missedDue === null) this.#db.run(NOTE, nextAt, project, asset);
      else this.#db.run(NOTE_MISS, nextAt, missedDue, this.#now, project, asset);
    }
  }
}

/** One that has no deadline has no row, and nothing changes. */
export function updateMade(db: SqliteConnection, { project, asset, runId }: AssetMade, now: number): void {
  db.run(UPDATE_MADE, now, runId, project, asset);
}

const COLUMNS = `
  project, asset, spec, next_at as nextAt, made_at as madeAt, made_by as madeBy, missed_due as missedDue,
  missed_at as missedAt`;

const SELECT_NEXT = "select min(next_at) as nextAt from asset_deadline where next_at is not null";

const SELECT_LIVE = `
  select ${COLUMNS} from asset_deadline where project = ? and next_at is not null order by asset`;

const SELECT_EVER = `select ${COLUMNS} from asset_deadline where project = ? order by asset`;

const SELECT_DUE = `select ${COLUMNS} from asset_deadline where next_at <= ? order by next_at limit 100`;

const UPSERT = `
  insert into asset_deadline (project, asset, spec, next_at) values (?, ?, ?, ?)
  on conflict (project, asset) do update set spec = excluded.spec, next_at = excluded.next_at`;

const NOTE = "update asset_deadline set next_at = ? where project = ? and asset = ?";

const NOTE_MISS = `
  update asset_deadline set next_at = ?, missed_due = ?, missed_at = ? where project = ? and asset = ?`;

const UPDATE_MADE = "update asset_deadline set made_at = ?, made_by = ? where project = ? and asset = ?";
