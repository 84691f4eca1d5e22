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
import type { SqliteConnection } from "./connection.ts";

/** Events from outside: SQLite has one writer at a time, so their numbers are in the order of commits. */
export class SqliteSignals implements SignalWriter {
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

  async after({ project, name, cursor }: SignalPlace, limit: number) {
    return this.#db.all<SignalRow>(SELECT_AFTER, project, name, Number(cursor), this.#now, limit);
  }

  async startersOf(run: RunId) {
    return this.#db.all<SignalRow>(SELECT_STARTERS, run);
  }

  async untaken({ project, name, consumer, after }: UntakenPlace, limit: number) {
    const { expiresAt, seq } = after;
    return this.#db.all<UntakenRow>(SELECT_UNTAKEN, project, name, expiresAt, seq, consumer, limit);
  }

  async takenBy({ run, consumer, waiter }: SignalWaiter) {
    return this.#db.get<SignalRow>(SELECT_TAKEN, run, consumer, waiter);
  }

  async takeFor(seq: number, { run, consumer, waiter }: SignalWaiter) {
    if (this.#db.run(INSERT_WAITER, seq, consumer, waiter, run) === 0) return false;
    this.#db.run(KEEP, seq);
    return true;
  }

  async refused(consumer: string, limit: number) {
    return this.#db.all<RefusedRow>(SELECT_REFUSED, consumer, limit);
  }

  async untold(project: string, limit: number) {
    return this.#db.all<UntoldRow>(SELECT_UNTOLD, project, limit);
  }

  async take(uses: readonly SignalUse[]) {
    for (const { seq, consumer, run, fault } of uses) {
      this.#db.run(INSERT_USE, seq, consumer, run, fault);
      if (run !== null) this.#db.run(KEEP, seq);
    }
  }

  async moveFeed(project: string, { from, to }: { readonly from: string; readonly to: string }) {
    return this.#db.run(MOVE_FEED, Number(to), project, Number(from)) === 1;
  }
}

const COLUMNS = `
  signal.seq, cast(signal.seq as text) as cursor, signal.name, signal.id, signal.key, signal.payload, signal.at`;

const INSERT = `
  insert into signal (project, name, id, key, payload, at, expires_at) values (?, ?, ?, ?, ?, ?, ?)
  on conflict (project, name, id) do nothing returning seq`;

const DELETE_EXPIRED = `
  delete from signal where seq in (
    select seq from signal where is_kept = 0 and expires_at <= ? order by expires_at limit ?)`;

const SELECT_AFTER = `
  select ${COLUMNS} from signal
  where project = ? and name = ? and seq > ? and (expires_at is null or expires_at > ?)
  order by seq limit ?`;

const SELECT_STARTERS = `
  select ${COLUMNS}
  from run cross join signal_use on signal_use.run_key = run.key cross join signal on signal.seq = signal_use.signal_seq
  where run.id = ? and signal_use.consumer >= 'trigger:' and signal_use.consumer < 'trigger;'
  order by signal.seq`;

const SELECT_UNTAKEN = `
  select ${COLUMNS}, signal.expires_at as expiresAt from signal
  where project = ? and name = ? and (expires_at, seq) > (?, ?) and not exists (
    select 1 from signal_use where signal_use.signal_seq = signal.seq and signal_use.consumer = ?)
  order by expires_at, seq limit ?`;

const SELECT_TAKEN = `
  select ${COLUMNS}
  from run cross join signal_use on signal_use.run_key = run.key cross join signal on signal.seq = signal_use.signal_seq
  where run.id = ? and signal_use.consumer = ? and signal_use.waiter = ?`;

const INSERT_WAITER = `
  insert into signal_use (signal_seq, consumer, run_key, waiter)
  select ?, ?, key, ? from run where id = ?
  on conflict (signal_seq, consumer) do nothing`;

const SELECT_REFUSED = `
  select signal.id, signal.name, signal.at, signal_use.fault
  from signal_use cross join signal on signal.seq = signal_use.signal_seq
  where signal_use.consumer = ? and signal_use.fault is not null order by signal_use.signal_seq desc limit ?`;

const SELECT_UNTOLD = `
  select signal.name, cast(signal.seq as text) as cursor, cast(signal_feed.cursor_seq as text) as feed
  from signal_feed cross join signal
    on signal.project = signal_feed.project and signal.seq > signal_feed.cursor_seq
  where signal_feed.project = ? order by signal.seq limit ?`;

const INSERT_USE = `
  insert into signal_use (signal_seq, consumer, run_key, fault) values (?, ?, (select key from run where id = ?), ?)`;

const KEEP = "update signal set is_kept = 1 where seq = ?";

const MOVE_FEED = "update signal_feed set cursor_seq = ? where project = ? and cursor_seq = ?";
