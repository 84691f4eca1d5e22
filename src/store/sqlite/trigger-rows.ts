import type { Instant } from "../../core/instant.ts";
import type {
  TriggerEdit,
  TriggerInsert,
  TriggerRow,
  TriggerSettled,
  TriggerSnapshot,
  TriggerWriter,
} from "../trigger-rows.ts";
import type { SqliteConnection } from "./connection.ts";

/** What starts runs when something happens, in SQLite. */
export class SqliteTriggers implements TriggerWriter {
  readonly #db: SqliteConnection;
  readonly #now: Instant;

  constructor(db: SqliteConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async triggers(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<TriggerRow>(SELECT_LIVE, project)
      : this.#db.all<TriggerRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  async due(project: string, limit: number) {
    return this.#db.all<TriggerRow>(SELECT_DUE, project, this.#now, limit);
  }

  async forFiles(project: string) {
    return this.#db.all<TriggerRow>(SELECT_FOR_FILES, project);
  }

  async nextAt(project: string) {
    return this.#db.get<{ nextAt: number }>(SELECT_NEXT, project, this.#now)?.nextAt;
  }

  async lockTriggersOf(project: string) {
    return this.#db.all<TriggerRow>(SELECT_EVER, project);
  }

  async insertTriggers(rows: readonly TriggerInsert[]) {
    const [first] = rows;
    if (first !== undefined) this.#db.run(INSERT_FEED, first.project);
    for (const { project, pipeline, name, spec, event } of rows) {
      this.#db.run(INSERT, project, pipeline, name, spec, event, this.#now);
    }
  }

  async editTriggers(edits: readonly TriggerEdit[]) {
    for (const { key, spec, event, removedAt, isNew } of edits) {
      this.#db.run(EDIT, spec, event, removedAt, removedAt === null ? this.#now : null, key);
      if (isNew) this.#db.run(BEGIN_ANEW, key);
    }
  }

  async wake(project: string, events: readonly string[]) {
    this.#db.run(WAKE, this.#now, project, JSON.stringify(events));
  }

  async settle({ key, generation, cursor, wakes }: TriggerSnapshot, end: TriggerSettled) {
    const { nextAt, openAt, lastRun, fault } = end;
    const after = [Number(end.cursor), wakes, nextAt, this.#now, openAt, lastRun, fault] as const;
    return this.#db.run(SETTLE, ...after, key, generation, Number(cursor)) === 1;
  }

  async noteLook({ key, generation }: Pick<TriggerSnapshot, "key" | "generation">, fault: string | null) {
    this.#db.run(NOTE_LOOK, fault, key, generation);
  }
}

const COLUMNS = `
  key, project, pipeline, name, generation, spec, event, cast(cursor_seq as text) as cursor, null as since, wakes,
  next_at as nextAt, open_at as openAt, last_run as lastRun, fault, look_fault as lookFault,
  removed_at as removedAt`;

const SELECT_LIVE = `
  select ${COLUMNS} from event_trigger where project = ? and removed_at is null order by pipeline, name`;

const SELECT_OF_PIPELINE = `
  select ${COLUMNS} from event_trigger where project = ? and pipeline = ? and removed_at is null order by name`;

const SELECT_FOR_FILES = `
  select ${COLUMNS} from event_trigger
  where project = ? and removed_at is null and substr(event, 1, 5) = 'file:' order by key`;

const SELECT_EVER = `select ${COLUMNS} from event_trigger where project = ?`;

const NOT_PAUSED = `
  not exists (
    select 1 from pipeline_state paused
    where paused.project = event_trigger.project and paused.pipeline = event_trigger.pipeline)`;

const SELECT_DUE = `
  select ${COLUMNS} from event_trigger where project = ? and next_at <= ? and ${NOT_PAUSED} order by next_at limit ?`;

const SELECT_NEXT = `
  select next_at as nextAt from event_trigger
  where project = ? and next_at > ? and ${NOT_PAUSED} order by next_at limit 1`;

const NOW_SEQ = "(select coalesce(max(seq), 0) from signal)";

const INSERT_FEED = `insert into signal_feed (project, cursor_seq) values (?, ${NOW_SEQ}) on conflict do nothing`;

const INSERT = `
  insert into event_trigger (project, pipeline, name, generation, spec, event, cursor_seq, next_at)
  values (?, ?, ?, 1, ?, ?, ${NOW_SEQ}, ?)`;

const EDIT = `
  update event_trigger
  set generation = generation + 1, spec = ?, event = ?, removed_at = ?, next_at = ?, fault = null, look_fault = null
  where key = ?`;

const BEGIN_ANEW = `update event_trigger set cursor_seq = ${NOW_SEQ}, open_at = 0 where key = ?`;

const WAKE = `
  update event_trigger set wakes = wakes + 1, next_at = coalesce(next_at, ?)
  where project = ? and event in (select value from json_each(?)) and removed_at is null`;

const SETTLE = `
  update event_trigger
  set cursor_seq = ?, next_at = case when wakes = ? then ? else ? end, open_at = ?, last_run = ?, fault = ?
  where key = ? and generation = ? and cursor_seq = ? and removed_at is null`;

const NOTE_LOOK = "update event_trigger set look_fault = ? where key = ? and generation = ?";
