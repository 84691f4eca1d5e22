import type { Instant } from "../../core/instant.ts";
import type { RunId } from "../run-id.ts";
import type {
  RefusedRow,
  SignalInsert,
  SignalPlace,
  SignalRow,
  SignalUse,
  SignalWaiter,
  SignalWriter,
  UntakenPlace,
  UntakenRow,
  UntoldRow,
} from "../signal-rows.ts";
import type { PostgresConnection } from "./connection.ts";

/** Events from outside, in the order of (xid, seq), as `event-rows.ts` reads those of runs. */
export class PostgresSignals implements SignalWriter {
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

  after({ project, name, cursor, since }: SignalPlace, limit: number) {
    return this.#db.all<SignalRow>(SELECT_AFTER, project, name, ...splitCursor(cursor), since, this.#now, limit);
  }

  startersOf(run: RunId) {
    return this.#db.all<SignalRow>(SELECT_STARTERS, run);
  }

  untaken({ project, name, consumer, after }: UntakenPlace, limit: number) {
    const { expiresAt, seq } = after;
    return this.#db.all<UntakenRow>(SELECT_UNTAKEN, project, name, expiresAt, seq, consumer, limit);
  }

  takenBy({ run, consumer, waiter }: SignalWaiter) {
    return this.#db.get<SignalRow>(SELECT_TAKEN, run, consumer, waiter);
  }

  async takeFor(seq: number, { run, consumer, waiter }: SignalWaiter) {
    if ((await this.#db.get(INSERT_WAITER, seq, consumer, waiter, run)) === undefined) return false;
    this.#db.send(KEEP, [seq]);
    return true;
  }

  refused(consumer: string, limit: number) {
    return this.#db.all<RefusedRow>(SELECT_REFUSED, consumer, limit);
  }

  untold(project: string, limit: number) {
    return this.#db.all<UntoldRow>(SELECT_UNTOLD, project, limit);
  }

  async take(uses: readonly SignalUse[]) {
    const column = (name: keyof SignalUse) => uses.map((use) => use[name]);
    this.#db.send(INSERT_USES, column("seq"), column("consumer"), column("run"), column("fault"));
    const kept = uses.flatMap(({ seq, run }) => (run === null ? [] : [seq]));
    if (kept.length > 0) this.#db.send(KEEP, kept);
  }

  async moveFeed(project: string, { from, to }: { readonly from: string; readonly to: string }) {
    return (await this.#db.get(MOVE_FEED, project, ...splitCursor(from), ...splitCursor(to))) !== undefined;
  }
}

/** A place in the order of (xid, seq), written `xid:seq`. */
export function splitCursor(cursor: string): readonly [xid: string, seq: string] {
  const [xid = "0", seq = "0"] = cursor.split(":");
  return [xid, seq];
}

function identity({ project, name, id }: Pick<SignalInsert, "project" | "name" | "id">): string {
  return JSON.stringify([project, name, id]);
}

const COLUMNS = `
  signal.seq, signal.xid::text || ':' || signal.seq::text as cursor, signal.name, signal.id, signal.key, signal.payload,
  signal.at`;

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

/** Below every transaction that is still under way: one of those may yet commit an event that belongs before. */
const SELECT_AFTER = {
  name: "select_signals_after",
  text: `
    select ${COLUMNS} from signal
    where project = $1 and name = $2 and (xid, seq) > ($3::xid8, $4::bigint)
      and xid < pg_snapshot_xmin(pg_current_snapshot())
      and ($5::pg_snapshot is null or not pg_visible_in_snapshot(xid, $5::pg_snapshot))
      and (expires_at is null or expires_at > $6)
    order by xid, seq limit $7`,
};

const SELECT_STARTERS = {
  name: "select_starters",
  text: `
    select ${COLUMNS}
    from run join signal_use on signal_use.run_key = run.key join signal on signal.seq = signal_use.signal_seq
    where run.id = $1 and signal_use.consumer >= 'trigger:' and signal_use.consumer < 'trigger;'
    order by signal.xid, signal.seq`,
};

const SELECT_UNTAKEN = {
  name: "select_untaken_signals",
  text: `
    select ${COLUMNS}, signal.expires_at as "expiresAt" from signal
    where project = $1 and name = $2 and (expires_at, seq) > ($3::bigint, $4::bigint) and not exists (
      select 1 from signal_use where signal_use.signal_seq = signal.seq and signal_use.consumer = $5)
    order by expires_at, seq limit $6`,
};

const SELECT_TAKEN = {
  name: "select_taken_signal",
  text: `
    select ${COLUMNS}
    from run join signal_use on signal_use.run_key = run.key join signal on signal.seq = signal_use.signal_seq
    where run.id = $1 and signal_use.consumer = $2 and signal_use.waiter = $3`,
};

const INSERT_WAITER = {
  name: "insert_signal_waiter",
  text: `
    insert into signal_use (signal_seq, consumer, run_key, waiter)
    select $1::bigint, $2::text, key, $3::text from run where id = $4
    on conflict (signal_seq, consumer) do nothing returning 1`,
};

const SELECT_REFUSED = {
  name: "select_refused_signals",
  text: `
  select signal.id, signal.name, signal.at, signal_use.fault
  from signal_use join signal on signal.seq = signal_use.signal_seq
  where signal_use.consumer = $1 and signal_use.fault is not null order by signal_use.signal_seq desc limit $2`,
};

const SELECT_UNTOLD = {
  name: "select_untold_signals",
  text: `
    select signal.name, signal.xid::text || ':' || signal.seq::text as cursor, feed.cursor as feed
    from (
        select project, cursor_xid, cursor_seq, cursor_xid::text || ':' || cursor_seq::text as cursor
        from signal_feed where project = $1
      ) as feed
      cross join lateral (
        select name, xid, seq from signal
        where signal.project = feed.project and (xid, seq) > (feed.cursor_xid, feed.cursor_seq)
          and xid < pg_snapshot_xmin(pg_current_snapshot())
        order by xid, seq limit $2
      ) as signal
    order by signal.xid, signal.seq`,
};

const INSERT_USES = {
  name: "insert_signal_uses",
  text: `
    insert into signal_use (signal_seq, consumer, run_key, fault)
    select signal_seq, consumer, run.key, fault
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as taken (signal_seq, consumer, run_id, fault)
      left join run on run.id = taken.run_id`,
};

const KEEP = {
  name: "keep_signals",
  text: "update signal set is_kept = true where seq = any($1::bigint[]) and not is_kept",
};

const MOVE_FEED = {
  name: "move_signal_feed",
  text: `
    update signal_feed set cursor_xid = $4::xid8, cursor_seq = $5::bigint
    where project = $1 and cursor_xid = $2::xid8 and cursor_seq = $3::bigint returning 1`,
};
