import type { Instant } from "../../core/instant.ts";
import type { SignalInsert, SignalTable } from "../signal-rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Events from outside, in the order of (xid, seq), as `event-rows.ts` reads those of runs. */
export class PostgresSignals implements SignalTable {
  readonly #db: PostgresConnection;
  readonly #now: Instant;

  constructor(db: PostgresConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async insert(rows: readonly SignalInsert[]) {
    const column = (name: keyof SignalInsert) => rows.map((row) => row[name]);
    const made = await this.#db.all<{ seq: number; name: string; id: string; project: string }>(
      INSERT,
      ...[this.#now, column("project"), column("name"), column("id"), column("key"), column("payload")],
      column("expiresAt"),
    );
    const numbers = new Map(made.map((row) => [identity(row), row.seq]));
    return rows.map((row) => {
      const number = numbers.get(identity(row));
      // Of two that are equal the first is the new one.
      numbers.delete(identity(row));
      return number;
    });
  }

  async deleteExpired(limit: number) {
    this.#db.send(DELETE_EXPIRED, this.#now, limit);
  }
}

function identity({ project, name, id }: Pick<SignalInsert, "project" | "name" | "id">): string {
  return JSON.stringify([project, name, id]);
}

/** In the order in which they are sent; two who send the same the other way round are tried again. */
const INSERT = {
  name: "insert_signals",
  text: `
    insert into signal (at, project, name, id, key, payload, expires_at)
    select $1, project, name, id, key, payload, expires_at
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[])
      with ordinality as sent (project, name, id, key, payload, expires_at, place)
    order by place
    on conflict (project, name, id) do nothing
    returning seq, project, name, id`,
};

/** What another transaction deletes is passed over. */
const DELETE_EXPIRED = {
  name: "delete_expired_signals",
  text: `
    delete from signal where seq = any(array(
      select seq from signal where not is_kept and expires_at <= $1
      order by expires_at limit $2 for update skip locked))`,
};
