import type { PastPlace, PastReader, RunPage } from "../past-rows.ts";
import type { PastSuccessRow, PastWaitRow, RunRow } from "../rows.ts";
import type { RunId } from "../run-id.ts";
import type { IntervalPlace } from "../run-records.ts";
import type { SqliteConnection } from "./connection.ts";

/** What lies before the interval of a run, in SQLite. */
export class SqlitePastRows implements PastReader {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  async waits(reason: string) {
    return this.#db.all<PastWaitRow>(SELECT_WAITS, reason);
  }

  async earlierRuns(place: PastPlace, { limit, skipped }: RunPage) {
    const { project, pipeline, schedule, intervalStart, intervalEnd } = place;
    const before = [project, pipeline, schedule, intervalStart, intervalEnd];
    return this.#db.all<Pick<RunRow, "id" | "versionHash">>(SELECT_EARLIER, ...before, limit, skipped);
  }

  async success({ project, pipeline, schedule = "", interval }: IntervalPlace) {
    return this.#db.get<PastSuccessRow>(SELECT_SUCCESS, project, pipeline, schedule, interval.start, interval.end);
  }

  async successesBefore(runs: readonly RunId[]) {
    return runs.flatMap((before) => {
      const place = this.#db.get<PlaceRow>(SELECT_PLACE, before);
      if (place === undefined) return [];
      const { project, pipeline, schedule, start, end } = place;
      const row = this.#db.get<PastSuccessRow>(SELECT_SUCCESS, project, pipeline, schedule, start, end);
      return row === undefined ? [] : [{ before, ...row }];
    });
  }

  async waitsAlone(runKey: number, waits: number) {
    return this.#db.get<{ isAlone: number }>(SELECT_ALONE, runKey, runKey, runKey, waits)?.isAlone === 1;
  }
}

const SELECT_WAITS = `
  select task_run.key as taskRunKey, task_run.task_index as taskIndex, run.key as runKey, run.id as runId,
    run.project, run.pipeline, version.hash as versionHash, request.schedule,
    request.interval_start as intervalStart, request.interval_end as intervalEnd
  from waiting cross join task_run on task_run.key = waiting.task_run_key
    cross join run on run.key = task_run.run_key cross join version on version.key = run.version_key
    cross join run_request request on request.run_key = run.key
  where waiting.due_at is null and task_run.state = 'deferred' and task_run.reason = ?
  order by request.interval_start, request.interval_end, task_run.key`;

const SELECT_EARLIER = `
  select run.id, version.hash as versionHash
  from run_request request cross join run on run.key = request.run_key
    cross join version on version.key = run.version_key
  where request.project = ? and request.pipeline = ? and request.schedule = ?
    and (request.interval_start, request.interval_end) < (?, ?)
  order by request.interval_start desc, request.interval_end desc, request.run_key desc limit ? offset ?`;

const SELECT_SUCCESS = `
  select run.id as runId, request.interval_start as intervalStart, request.interval_end as intervalEnd, request.ds,
    run.started_at as startedAt, run.finished_at as finishedAt
  from run_request request cross join run on run.key = request.run_key
  where request.project = ? and request.pipeline = ? and request.schedule = ?
    and (request.interval_start, request.interval_end) < (?, ?) and request.only_tasks is null and run.state = 'success'
  order by request.interval_start desc, request.interval_end desc, request.run_key desc limit 1`;

interface PlaceRow {
  readonly project: string;
  readonly pipeline: string;
  readonly schedule: string;
  readonly start: number;
  readonly end: number;
}

const SELECT_PLACE = `
  select request.project, request.pipeline, request.schedule, request.interval_start as start,
    request.interval_end as end
  from run cross join run_request request on request.run_key = run.key where run.id = ?`;

const SELECT_ALONE = `
  select not exists (select 1 from ready where run_key = ?) and not exists (select 1 from lease where run_key = ?)
    and (select count(*) from waiting where run_key = ?) = ? as isAlone`;
