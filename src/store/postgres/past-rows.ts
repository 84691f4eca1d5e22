import type { PastPlace, PastReader, RunPage } from "../past-rows.ts";
import type { PastSuccessRow, PastWaitRow, RunRow } from "../rows.ts";
import type { RunId } from "../run-id.ts";
import type { IntervalPlace } from "../run-records.ts";
import type { PostgresConnection } from "./connection.ts";

/** What lies before the interval of a run, in PostgreSQL. */
export class PostgresPastRows implements PastReader {
  readonly #db: PostgresConnection;

  constructor(db: PostgresConnection) {
    this.#db = db;
  }

  waits(reason: string) {
    return this.#db.all<PastWaitRow>(SELECT_WAITS, reason);
  }

  earlierRuns(place: PastPlace, { limit, skipped }: RunPage) {
    const { project, pipeline, schedule, intervalStart, intervalEnd } = place;
    const before = [project, pipeline, schedule, intervalStart, intervalEnd];
    return this.#db.all<Pick<RunRow, "id" | "versionHash">>(SELECT_EARLIER, ...before, limit, skipped);
  }

  success({ project, pipeline, schedule = "", interval }: IntervalPlace) {
    return this.#db.get<PastSuccessRow>(SELECT_SUCCESS, project, pipeline, schedule, interval.start, interval.end);
  }

  successesBefore(runs: readonly RunId[]) {
    return this.#db.all<PastSuccessRow & { readonly before: RunId }>(SELECT_SUCCESSES, runs);
  }

  async waitsAlone(runKey: number, waits: number) {
    return (await this.#db.get<{ isAlone: boolean }>(SELECT_ALONE, runKey, waits))?.isAlone === true;
  }
}

const SELECT_WAITS = {
  name: "select_past_waits",
  text: `
    select task_run.key as "taskRunKey", task_run.task_index as "taskIndex", run.key as "runKey", run.id as "runId",
      run.project, run.pipeline, version.hash as "versionHash", request.schedule,
      request.interval_start as "intervalStart", request.interval_end as "intervalEnd"
    from waiting join task_run on task_run.key = waiting.task_run_key
      join run on run.key = task_run.run_key join version on version.key = run.version_key
      join run_request as request on request.run_key = run.key
    where waiting.due_at is null and task_run.state = 'deferred' and task_run.reason = $1
    order by request.interval_start, request.interval_end, task_run.key`,
};

const SELECT_EARLIER = {
  name: "select_earlier_runs",
  text: `
    select run.id, version.hash as "versionHash"
    from (
      select run_key, interval_start, interval_end from run_request
      where project = $1 and pipeline = $2 and schedule = $3 and (interval_start, interval_end) < ($4, $5)
      order by interval_start desc, interval_end desc, run_key desc limit $6 offset $7
    ) as request
      join run on run.key = request.run_key join version on version.key = run.version_key
    order by request.interval_start desc, request.interval_end desc, request.run_key desc`,
};

const SUCCESS_COLUMNS = `
  run.id as "runId", request.interval_start as "intervalStart", request.interval_end as "intervalEnd",
  request.ds, run.started_at as "startedAt", run.finished_at as "finishedAt"`;

/** The state is looked up for one run after the other, so that the walk begins at the nearest and ends at the first. */
const SELECT_SUCCESS = {
  name: "select_past_success",
  text: `
    select ${SUCCESS_COLUMNS}
    from (${nearestSuccess("($1, $2, $3)", "($4, $5)")}) as request join run on run.key = request.run_key`,
};

const SELECT_SUCCESSES = {
  name: "select_past_successes",
  text: `
    select own.id as before, ${SUCCESS_COLUMNS}
    from (select key, id from run where id = any($1::text[])) as own join run_request asked on asked.run_key = own.key
      cross join lateral (
        ${nearestSuccess("(asked.project, asked.pipeline, asked.schedule)", "(asked.interval_start, asked.interval_end)")}
      ) as request
      join run on run.key = request.run_key`,
};

function nearestSuccess(schedule: string, interval: string): string {
  return `
    select run_key, interval_start, interval_end, ds from run_request
    where (project, pipeline, schedule) = ${schedule} and (interval_start, interval_end) < ${interval}
      and only_tasks is null and (select state from run where run.key = run_key) = 'success'
    order by interval_start desc, interval_end desc, run_key desc limit 1`;
}

const SELECT_ALONE = {
  name: "select_waits_alone",
  text: `
    select not exists (select 1 from ready where ready.run_key = $1)
      and not exists (select 1 from lease where lease.run_key = $1)
      and (select count(*) from waiting where waiting.run_key = $1) = $2::integer as "isAlone"`,
};
