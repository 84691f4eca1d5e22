import type { RunId } from "../store.ts";
import type { NeighbourRun } from "../transaction.ts";
import type { SqliteConnection } from "./connection.ts";

/** The newest whole run of each interval before or after a run's. Jumps from interval to interval in the index. */
export function selectNeighbourRuns(
  db: SqliteConnection,
  of: RunId,
  side: "past" | "future",
  limit: number,
): readonly NeighbourRun[] {
  const self = db.get<Interval>(SELECT_SELF, of);
  const { first, next } = STEPS[side];
  const runs: NeighbourRun[] = [];
  let interval = self && db.get<Interval>(first, self.project, self.pipeline, self.start);
  while (interval !== undefined && runs.length < limit) {
    const place = [interval.project, interval.pipeline, interval.start, interval.end];
    runs.push(...db.all<NeighbourRun>(SELECT_NEWEST, ...place));
    interval = db.get<Interval>(next, ...place);
  }
  return runs;
}

interface Interval {
  readonly project: string;
  readonly pipeline: string;
  readonly start: number;
  readonly end: number;
}

const SELECT_SELF = `
  select request.project, request.pipeline, request.interval_start as start, request.interval_end as "end"
  from run cross join run_request request on request.run_key = run.key where run.id = ?`;

const STEPS = {
  past: { first: step("interval_start < ?", "desc"), next: step("(interval_start, interval_end) < (?, ?)", "desc") },
  future: { first: step("interval_start > ?", "asc"), next: step("(interval_start, interval_end) > (?, ?)", "asc") },
};

function step(condition: string, order: "asc" | "desc"): string {
  return `
    select project, pipeline, interval_start as start, interval_end as "end" from run_request
    where project = ? and pipeline = ? and only_tasks is null and ${condition}
    order by interval_start ${order}, interval_end ${order} limit 1`;
}

const SELECT_NEWEST = `
  select run.key, run.id from run_request request cross join run on run.key = request.run_key
  where request.project = ? and request.pipeline = ? and request.only_tasks is null
    and request.interval_start = ? and request.interval_end = ?
  order by request.run_key desc limit 1`;
