import type { Instant } from "../../core/instant.ts";
import type {
  TriggerEdit,
  TriggerInsert,
  TriggerRow,
  TriggerSettled,
  TriggerSnapshot,
  TriggerWriter,
} from "../trigger-rows.ts";
import type { PostgresConnection } from "./connection.ts";
import { splitCursor } from "./signal-rows.ts";

/** What starts runs when something happens, in PostgreSQL. */
export class PostgresTriggers implements TriggerWriter {
  readonly #db: PostgresConnection;
  readonly #now: Instant;

  constructor(db: PostgresConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  triggers(project: string, pipeline?: string) {
    return pipeline === undefined
      ? this.#db.all<TriggerRow>(SELECT_LIVE, project)
      : this.#db.all<TriggerRow>(SELECT_OF_PIPELINE, project, pipeline);
  }

  due(project: string, limit: number) {
    return this.#db.all<TriggerRow>(SELECT_DUE, project, this.#now, limit);
  }

  forFiles(project: string) {
    return this.#db.all<TriggerRow>(SELECT_FOR_FILES, project);
  }

  async nextAt(project: string) {
    return (await this.#db.get<{ nextAt: number }>(SELECT_NEXT, project, this.#now))?.nextAt;
  }

  lockTriggersOf(project: string) {
    return this.#db.all<TriggerRow>(LOCK_EVER, project);
  }

  async insertTriggers(rows: readonly TriggerInsert[]) {
    const [first] = rows;
    if (first === undefined) return;
    const of = (name: keyof TriggerInsert) => rows.map((row) => row[name]);
    this.#db.send(INSERT_FEED, first.project);
    this.#db.send(INSERT, this.#now, of("project"), of("pipeline"), of("name"), of("spec"), of("event"));
  }

  async editTriggers(edits: readonly TriggerEdit[]) {
    if (edits.length === 0) return;
    const of = <Name extends keyof TriggerEdit>(name: Name) => edits.map((edit) => edit[name]);
    this.#db.send(EDIT, this.#now, of("key"), of("spec"), of("event"), of("removedAt"));
    const anew = edits.flatMap(({ key, isNew }) => (isNew ? [key] : []));
    if (anew.length > 0) this.#db.send(BEGIN_ANEW, anew);
  }

  async wake(project: string, events: readonly string[]) {
    this.#db.send(WAKE, project, events, this.#now);
  }

  async settle({ key, generation, cursor, wakes }: TriggerSnapshot, end: TriggerSettled) {
    const { nextAt, openAt, lastRun, fault } = end;
    const before = [key, generation, ...splitCursor(cursor), wakes] as const;
    const after = [...splitCursor(end.cursor), nextAt, openAt, lastRun, fault] as const;
    return (await this.#db.get(SETTLE, ...before, this.#now, ...after)) !== undefined;
  }

  async noteLook({ key, generation }: Pick<TriggerSnapshot, "key" | "generation">, fault: string | null) {
    this.#db.send(NOTE_LOOK, key, generation, fault);
  }
}

const COLUMNS = `
  key, project, pipeline, name, generation, spec, event, cursor_xid::text || ':' || cursor_seq::text as cursor,
  since::text as since, wakes, next_at as "nextAt", open_at as "openAt", last_run as "lastRun", fault,
  look_fault as "lookFault", removed_at as "removedAt"`;

const SELECT_LIVE = {
  name: "select_triggers",
  text: `select ${COLUMNS} from event_trigger where project = $1 and removed_at is null order by pipeline, name`,
};

const SELECT_OF_PIPELINE = {
  name: "select_triggers_of_pipeline",
  text: `
    select ${COLUMNS} from event_trigger
    where project = $1 and pipeline = $2 and removed_at is null order by name`,
};

const SELECT_FOR_FILES = {
  name: "select_triggers_for_files",
  text: `
    select ${COLUMNS} from event_trigger
    where project = $1 and removed_at is null and substr(event, 1, 5) = 'file:' order by key`,
};

const LOCK_EVER = {
  name: "lock_triggers_of_project",
  text: `select ${COLUMNS} from event_trigger where project = $1 order by key for update`,
};

const NOT_PAUSED = `
  not exists (
    select 1 from pipeline_state paused
    where paused.project = event_trigger.project and paused.pipeline = event_trigger.pipeline)`;

const SELECT_DUE = {
  name: "select_due_triggers",
  text: `
    select ${COLUMNS} from event_trigger
    where project = $1 and next_at <= $2 and ${NOT_PAUSED} order by next_at limit $3`,
};

const SELECT_NEXT = {
  name: "select_next_trigger",
  text: `
    select next_at as "nextAt" from event_trigger
    where project = $1 and next_at > $2 and ${NOT_PAUSED} order by next_at limit 1`,
};

const INSERT_FEED = {
  name: "insert_signal_feed",
  text: `
    insert into signal_feed (project, cursor_xid, cursor_seq)
    values ($1, pg_snapshot_xmin(pg_current_snapshot()), 0) on conflict do nothing`,
};

/** From the oldest transaction on that is still under way: what it commits later comes after the deployment. */
const INSERT = {
  name: "insert_triggers",
  text: `
    insert into event_trigger (next_at, project, pipeline, name, generation, spec, event, cursor_xid, cursor_seq, since)
    select $1, project, pipeline, name, 1, spec, event, pg_snapshot_xmin(pg_current_snapshot()), 0, pg_current_snapshot()
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
      as made (project, pipeline, name, spec, event)`,
};

const EDIT = {
  name: "edit_triggers",
  text: `
    update event_trigger
    set generation = generation + 1, spec = made.spec, event = made.event, removed_at = made.removed_at,
      next_at = case when made.removed_at is null then $1::bigint end, fault = null, look_fault = null
    from unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) as made (key, spec, event, removed_at)
    where event_trigger.key = made.key`,
};

const BEGIN_ANEW = {
  name: "begin_triggers_anew",
  text: `
    update event_trigger
    set cursor_xid = pg_snapshot_xmin(pg_current_snapshot()), cursor_seq = 0, since = pg_current_snapshot(), open_at = 0
    where key = any($1::bigint[])`,
};

/** In one order, as whoever deploys locks them. */
const WAKE = {
  name: "wake_triggers",
  text: `
    update event_trigger set wakes = wakes + 1, next_at = coalesce(next_at, $3)
    where key = any(array(
      select key from event_trigger where project = $1 and event = any($2::text[]) and removed_at is null
      order by key for update))`,
};

const SETTLE = {
  name: "settle_trigger",
  text: `
    update event_trigger
    set cursor_xid = $7::xid8, cursor_seq = $8::bigint, next_at = case when wakes = $5 then $9::bigint else $6::bigint end,
      open_at = $10, last_run = $11, fault = $12
    where key = $1 and generation = $2 and cursor_xid = $3::xid8 and cursor_seq = $4::bigint and removed_at is null
    returning 1`,
};

const NOTE_LOOK = {
  name: "note_look_of_trigger",
  text: "update event_trigger set look_fault = $3 where key = $1 and generation = $2",
};
