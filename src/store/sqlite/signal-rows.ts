import type { Instant } from "../../core/instant.ts";
import type { SignalInsert, SignalTable } from "../signal-rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** Events from outside: SQLite has one writer at a time, so their numbers are in the order of commits. */
export class SqliteSignals implements SignalTable {
  readonly #db: SqliteConnection;
  readonly #now: Instant;

  constructor(db: SqliteConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async insert(rows: readonly SignalInsert[]) {
    return rows.map(({ project, name, id, key, payload, expiresAt }) => {
      const made = this.#db.get<{ seq: number }>(INSERT, project, name, id, key, payload, this.#now, expiresAt);
      return made?.seq;
    });
  }

  async deleteExpired(limit: number) {
    this.#db.run(DELETE_EXPIRED, this.#now, limit);
  }
}

const INSERT = `
  insert into signal (project, name, id, key, payload, at, expires_at) values (?, ?, ?, ?, ?, ?, ?)
  on conflict (project, name, id) do nothing returning seq`;

const DELETE_EXPIRED = `
  delete from signal where seq in (
    select seq from signal where is_kept = 0 and expires_at <= ? order by expires_at limit ?)`;
