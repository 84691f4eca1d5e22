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
import type { PostgresConnection } from "./connection.ts";

export class PostgresBackfills implements BackfillWriter {
  readonly #db: PostgresConnection;
  readonly #now: Instant;

  constructor(db: PostgresConnection, now: Instant) {
    this.#db = db;
    this.#now = now;
  }

  async insert(row: BackfillInsert) {
    const { project, pipeline, schedule, requestKey, request, rangeStart, rangeEnd } = row;
    const { intervals, maxActive, actor, versionHash } = row;
    const made = await this.#db.get<{ key: number }>(
      INSERT,
      ...[project, pipeline, schedule, requestKey, request, rangeStart, rangeEnd, intervals, maxActive],
      ...[actor, this.#now, versionHash],
    );
    return made?.key;
  }

  async update(row: BackfillRow) {
    const { key, state, cursor, inFlight, succeeded, failed, filtered, retryAfter, retryUntil, finishedAt } = row;
    this.#db.send(
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
    this.#db.send(REPLACE_RUN, runKey);
  }

  backfill(project: string, key: number) {
    return this.#db.get<BackfillRow>(SELECT, project, key);
  }

  unfinishedByRequest(project: string, requestKey: string) {
    return this.#db.get<BackfillRow>(SELECT_BY_REQUEST, project, requestKey);
  }

  unfinished(project: string) {
    return this.#db.all<BackfillRow>(SELECT_UNFINISHED, project);
  }

  backfills({ project, pipeline, before = Number.MAX_SAFE_INTEGER, limit }: BackfillFilter) {
    if (pipeline === undefined) return this.#db.all<BackfillRow>(SELECT_OF_PROJECT, project, before, limit);
    return this.#db.all<BackfillRow>(SELECT_OF_PIPELINE, project, pipeline, before, limit);
  }

  runCounts(key: number) {
    return this.#db.all<RunCountRow>(COUNT_RUNS, key);
  }

  activeRuns(key: number) {
    return this.#db.all<ActiveRunRow>(SELECT_ACTIVE, key);
  }

  failedRuns(key: number, { after, until, limit }: KeyRange) {
    return this.#db.all<FailedRunRow>(SELECT_FAILED, key, after, until, limit);
  }

  async lastFailedRun(key: number) {
    return (await this.#db.get<{ key: number | null }>(SELECT_LAST_FAILED, key))?.key ?? undefined;
  }

  runsWithin({ project, pipeline, schedule, start, end }: IntervalSpan) {
    return this.#db.all<IntervalRunRow>(SELECT_WITHIN, project, pipeline, schedule, start, end);
  }
}

const INSERT = {
  name: "insert_backfill",
  text: `
    insert into backfill (project, pipeline, schedule, request_key, request, range_start, range_end, intervals,
      max_active, state, actor, created_at, version_key)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, 'running', $10, $11, version.key from version where version.hash = $12
    on conflict (project, request_key) where finished_at is null do nothing
    returning key`,
};

const UPDATE = {
  name: "update_backfill",
  text: `
    update backfill
    set state = $1, cursor = $2, in_flight = $3, succeeded = $4, failed = $5, filtered = $6, retry_after = $7,
      retry_until = $8, finished_at = $9, version_key = (select key from version where hash = $10)
    where key = $11`,
};

const REPLACE_RUN = { name: "replace_run_of_backfill", text: "update run set made_by_backfill = null where key = $1" };

const COLUMNS = `
  backfill.key, backfill.project, backfill.pipeline, backfill.schedule, version.hash as "versionHash",
  backfill.request_key as "requestKey", backfill.state, backfill.request, backfill.range_start as "rangeStart",
  backfill.range_end as "rangeEnd", backfill.intervals, backfill.max_active as "maxActive", backfill.cursor,
  backfill.in_flight as "inFlight", backfill.succeeded, backfill.failed, backfill.filtered, backfill.retry_after as "retryAfter",
  backfill.retry_until as "retryUntil", backfill.actor, backfill.created_at as "createdAt",
  backfill.finished_at as "finishedAt"`;

const FROM = "from backfill join version on version.key = backfill.version_key";

const SELECT = {
  name: "select_backfill",
  text: `select ${COLUMNS} ${FROM} where backfill.project = $1 and backfill.key = $2`,
};

const SELECT_BY_REQUEST = {
  name: "select_backfill_by_request",
  text: `
    select ${COLUMNS} ${FROM}
    where backfill.project = $1 and backfill.request_key = $2 and backfill.finished_at is null`,
};

const SELECT_UNFINISHED = {
  name: "select_unfinished_backfills",
  text: `
    select ${COLUMNS} ${FROM} where backfill.project = $1 and backfill.finished_at is null order by backfill.key`,
};

const SELECT_OF_PROJECT = {
  name: "select_backfills",
  text: `
    select ${COLUMNS} ${FROM} where backfill.project = $1 and backfill.key < $2 order by backfill.key desc limit $3`,
};

const SELECT_OF_PIPELINE = {
  name: "select_backfills_of_pipeline",
  text: `
    select ${COLUMNS} ${FROM}
    where backfill.project = $1 and backfill.pipeline = $2 and backfill.key < $3
    order by backfill.key desc limit $4`,
};

const COUNT_RUNS = {
  name: "count_runs_of_backfill",
  text: "select state, count(*)::integer as count from run where made_by_backfill = $1 group by state",
};

const SELECT_ACTIVE = {
  name: "select_active_runs_of_backfill",
  text: "select id, state from run where made_by_backfill = $1 and state in ('queued', 'running', 'cancelling')",
};

const SELECT_FAILED = {
  name: "select_failed_runs_of_backfill",
  text: `
    with wanted as materialized (
      select key from (${failedIn("failed")} union all ${failedIn("cancelled")}) as ended order by key limit $4
    )
    select wanted.key, run.id, version.hash as "versionHash", request.interval_start as start,
      request.interval_end as "end"
    from wanted join run on run.key = wanted.key join version on version.key = run.version_key
      join run_request request on request.run_key = run.key
    order by wanted.key`,
};

const SELECT_LAST_FAILED = {
  name: "select_last_failed_run_of_backfill",
  text: `select max(key) as key from (${lastIn("failed")} union all ${lastIn("cancelled")}) as last`,
};

function lastIn(state: "failed" | "cancelled"): string {
  return `(select key from run where made_by_backfill = $1 and state = '${state}' order by key desc limit 1)`;
}

function failedIn(state: "failed" | "cancelled"): string {
  return `
    (select key from run
      where made_by_backfill = $1 and state = '${state}' and key > $2 and key <= $3 order by key limit $4)`;
}

/** Those that begin within the span, and those of several intervals that reach into it. `''`: who asked named no schedule. */
const SELECT_WITHIN = {
  name: "select_runs_within",
  text: `
    with wanted as materialized (
      select run_key, interval_start as start, interval_end as "end" from run_request
      where project = $1 and pipeline = $2 and schedule = any(array[$3, '']) and interval_start >= $4
        and interval_start < $5 and only_tasks is null
      union all
      select run_key, interval_start, interval_end from run_request
      where project = $1 and pipeline = $2 and is_wide and schedule = any(array[$3, '']) and interval_end > $4
        and interval_start < $5 and only_tasks is null
    )
    select run.key, run.state, wanted.start, wanted."end" from wanted join run on run.key = wanted.run_key`,
};
