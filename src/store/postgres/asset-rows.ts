import type { AssetFinding, AssetRow, AssetTable } from "../asset-rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Assets with deadlines in PostgreSQL. */
export class PostgresAssets implements AssetTable {
  readonly #db: PostgresConnection;
  readonly #now: number;

  constructor(db: PostgresConnection, now: number) {
    this.#db = db;
    this.#now = now;
  }

  async nextAt() {
    return (await this.#db.get<{ nextAt: number | null }>(SELECT_NEXT))?.nextAt ?? undefined;
  }

  ofProject(project: string) {
    return this.#db.all<AssetRow>(SELECT_LIVE, project);
  }

  lockAll(project: string) {
    return this.#db.all<AssetRow>(LOCK_EVER, project);
  }

  async save(rows: Parameters<AssetTable["save"]>[0]) {
    const of = <Name extends keyof (typeof rows)[number]>(name: Name) => rows.map((row) => row[name]);
    if (rows.length > 0) this.#db.send(UPSERT, of("project"), of("asset"), of("spec"), of("nextAt"));
  }

  lockDue() {
    return this.#db.all<AssetRow>(LOCK_DUE, this.#now);
  }

  async note(findings: readonly AssetFinding[]) {
    const of = <Name extends keyof AssetFinding>(name: Name) => findings.map((one) => one[name]);
    this.#db.send(NOTE, this.#now, of("project"), of("asset"), of("nextAt"), of("missedDue"));
  }
}

const COLUMNS = `
  project, asset, spec, next_at as "nextAt", made_at as "madeAt", made_by as "madeBy", missed_due as "missedDue",
  missed_at as "missedAt"`;

const SELECT_NEXT = {
  name: "select_next_asset_deadline",
  text: 'select min(next_at) as "nextAt" from asset_deadline where next_at is not null',
};

const SELECT_LIVE = {
  name: "select_asset_deadlines",
  text: `
    select ${COLUMNS} from asset_deadline
    where project = $1 and next_at is not null order by asset collate "C"`,
};

const LOCK_EVER = {
  name: "lock_asset_deadlines",
  text: `select ${COLUMNS} from asset_deadline where project = $1 order by asset for update`,
};

const LOCK_DUE = {
  name: "lock_due_asset_deadlines",
  text: `
    select ${COLUMNS} from asset_deadline
    where next_at <= $1 order by next_at limit 100 for update skip locked`,
};

const UPSERT = {
  name: "upsert_asset_deadlines",
  text: `
    insert into asset_deadline (project, asset, spec, next_at)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
    on conflict (project, asset) do update set spec = excluded.spec, next_at = excluded.next_at`,
};

const NOTE = {
  name: "note_asset_deadlines",
  text: `
    update asset_deadline
    set next_at = found.next_at, missed_due = coalesce(found.missed_due, asset_deadline.missed_due),
      missed_at = case when found.missed_due is null then asset_deadline.missed_at else $1 end
    from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) as found (project, asset, next_at, missed_due)
    where asset_deadline.project = found.project and asset_deadline.asset = found.asset`,
};
