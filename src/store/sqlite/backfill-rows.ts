import type { Instant } from "../../core/instant.ts";
import type { BackfillFilter } from "../backfill-records.ts";
import type {
  ActiveRunRow,
  BackfillInsert,
  BackfillRow,
  BackfillWriter,
  FailedRunRow,
  IntervalRunRow,
  IntervalSpan,
  KeyRange,
  RunCountRow,
} from "../backfill-rows.ts";
import type { SqliteConnection } from "./connection.ts";

export class SqliteBackfills implements BackfillWriter {
  readonly #db: SqliteConnection;
  readonly #now: Instant;

  constructor(db: SqliteConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async insert(row: BackfillInsert) {
    const { project, pipeline, schedule, requestKey, request, rangeStart, rangeEnd } = row;
    const { intervals, maxActive, actor, versionHash } = row;
    const made = this.#db.get<{ key: number }>(
      INSERT,
      ...[project, pipeline, schedule, requestKey, request, rangeStart, rangeEnd, intervals, maxActive],
      ...[actor, this.#now, versionHash],
    );
    return made?.key;
  }

  async update(row: BackfillRow) {
    const { key, state, cursor, inFlight, succeeded, failed, filtered, retryAfter, retryUntil, finishedAt } = row;
    this.#db.run(
      UPDATE,
      ...[
        state,
        cursor,
        inFlight,
        succeeded,
        failed,
        filtered,
        retryAfter,
        retryUntil,
        finishedAt,
        row.versionHash,
        key,
      ],
    );
  }

  async replaceRun(runKey: number) {
    this.#db.run(REPLACE_RUN, runKey);
  }

  async backfill(project: string, key: number) {
    return this.#db.get<BackfillRow>(SELECT, project, key);
  }

  async unfinishedByRequest(project: string, requestKey: string) {
    return this.#db.get<BackfillRow>(SELECT_BY_REQUEST, project, requestKey);
  }

  async unfinished(project: string) {
    return this.#db.all<BackfillRow>(SELECT_UNFINISHED, project);
  }

  async backfills({ project, pipeline, before = Number.MAX_SAFE_INTEGER, limit }: BackfillFilter) {
    if (pipeline === undefined) return this.#db.all<BackfillRow>(SELECT_OF_PROJECT, project, before, limit);
    return this.#db.all<BackfillRow>(SELECT_OF_PIPELINE, project, pipeline, before, limit);
  }

  async runCounts(key: number) {
    return this.#db.all<RunCountRow>(COUNT_RUNS, key);
  }

  async activeRuns(key: number) {
    return this.#db.all<ActiveRunRow>(SELECT_ACTIVE, key);
  }

  async failedRuns(key: number, { after, until, limit }: KeyRange) {
    const range = [key, after, until, limit];
    return this.#db.all<FailedRunRow>(SELECT_FAILED, ...range, ...range, limit);
  }

  async lastFailedRun(key: number) {
    return this.#db.get<{ key: number | null }>(SELECT_LAST_FAILED, key, key)?.key ?? undefined;
  }

  async runsWithin({ project, pipeline, schedule, start, end }: IntervalSpan) {
    const values = [project, pipeline, schedule, start, end];
    const within = this.#db.all<IntervalRunRow>(SELECT_WITHIN, ...values);
    return [...within, ...this.#db.all<IntervalRunRow>(SELECT_WIDE_WITHIN, ...values)];
  }
}

const INSERT = `
  insert into backfill (project, pipeline, schedule, request_key, request, range_start, range_end, intervals, max_active,
    state, actor, created_at, version_key)
  select ?, ?, ?, ?, ?, ?, ?, ?, ?, 'running', ?, ?, version.key from version where version.hash = ?
  on conflict (project, request_key) where finished_at is null do nothing
  returning key`;

const UPDATE = `
  update backfill
  set state = ?, cursor = ?, in_flight = ?, succeeded = ?, failed = ?, filtered = ?, retry_after = ?, retry_until = ?,
    finished_at = ?, version_key = (select key from version where hash = ?)
  where key = ?`;

const REPLACE_RUN = "update run set made_by_backfill = null where key = ?";

const COLUMNS = `
  backfill.key, backfill.project, backfill.pipeline, backfill.schedule, version.hash as versionHash,
  backfill.request_key as requestKey, backfill.state, backfill.request, backfill.range_start as rangeStart,
  backfill.range_end as rangeEnd, backfill.intervals, backfill.max_active as maxActive, backfill.cursor,
  backfill.in_flight as inFlight, backfill.succeeded, backfill.failed, backfill.filtered, backfill.retry_after as retryAfter,
  backfill.retry_until as retryUntil, backfill.actor, backfill.created_at as createdAt,
  backfill.finished_at as finishedAt`;

const FROM = "from backfill cross join version on version.key = backfill.version_key";

const SELECT = `select ${COLUMNS} ${FROM} where backfill.project = ? and backfill.key = ?`;

const SELECT_BY_REQUEST = `
  select ${COLUMNS} ${FROM}
  where backfill.project = ? and backfill.request_key = ? and backfill.finished_at is null`;

const SELECT_UNFINISHED = `
  select ${COLUMNS} ${FROM} where backfill.project = ? and backfill.finished_at is null order by backfill.key`;

const SELECT_OF_PROJECT = `
  select ${COLUMNS} ${FROM} where backfill.project = ? and backfill.key < ? order by backfill.key desc limit ?`;

const SELECT_OF_PIPELINE = `
  select ${COLUMNS} ${FROM}
  where backfill.project = ? and backfill.pipeline = ? and backfill.key < ?
  order by backfill.key desc limit ?`;

const COUNT_RUNS = "select state, count(*) as count from run where made_by_backfill = ? group by state";

const SELECT_ACTIVE = `
  select id, state from run
  where made_by_backfill = ? and (state = 'queued' or state = 'running' or state = 'cancelling')`;

const SELECT_FAILED = `
  select wanted.key, run.id, version.hash as versionHash, request.interval_start as start, request.interval_end as end
  from (
    select key from (${failedIn("failed")} union all ${failedIn("cancelled")}) order by key limit ?
  ) as wanted
    cross join run on run.key = wanted.key cross join version on version.key = run.version_key
    cross join run_request request on request.run_key = run.key
  order by wanted.key`;

const SELECT_LAST_FAILED = `
  select max(key) as key from (${lastIn("failed")} union all ${lastIn("cancelled")})`;

function lastIn(state: "failed" | "cancelled"): string {
  return `
    select key from (
      select key from run where made_by_backfill = ? and state = '${state}' order by key desc limit 1)`;
}

function failedIn(state: "failed" | "cancelled"): string {
  return `
    select key from (
      select key from run where made_by_backfill = ? and state = '${state}' and key > ? and key <= ? order by key limit ?)`;
}

/** `''`: who asked named no schedule. */
const SELECT_WITHIN = withinSpan("interval_start >= ? and interval_start < ?");

/** Those of several intervals that reach into the span. */
const SELECT_WIDE_WITHIN = withinSpan("is_wide = 1 and interval_end > ? and interval_start < ?");

function withinSpan(condition: string): string {
  return `
    select run.key, run.state, request.interval_start as start, request.interval_end as end
    from run_request request cross join run on run.key = request.run_key
    where request.project = ? and request.pipeline = ? and request.schedule in (?, '') and ${condition}
      and request.only_tasks is null`;
}
