import type { RunId } from "../store.ts";
import type { NeighbourRun } from "../transaction.ts";
import type { PostgresConnection } from "./connection.ts";

/** The newest whole run of each interval before or after a run's. */
export function selectNeighbourRuns(
  db: PostgresConnection,
  of: RunId,
  side: "past" | "future",
  limit: number,
): Promise<readonly NeighbourRun[]> {
  return db.all<NeighbourRun>(side === "past" ? SELECT_PAST : SELECT_FUTURE, of, limit);
}

const SELECT_PAST = neighbours("past", { comparison: "<", order: "desc" });
const SELECT_FUTURE = neighbours("future", { comparison: ">", order: "asc" });

interface Direction {
  readonly comparison: "<" | ">";
  readonly order: "asc" | "desc";
}

/** Jumps from interval to interval in the index, and no further than the limit. */
function neighbours(side: string, { comparison, order }: Direction) {
  const nextAfter = (condition: string): string => `
    select request.interval_start, request.interval_end from run_request request
    where request.project = seen.project and request.pipeline = seen.pipeline and request.only_tasks is null
      and ${condition}
    order by request.interval_start ${order}, request.interval_end ${order} limit 1`;
  const text = `
    with recursive intervals (project, pipeline, interval_start, interval_end) as (
      (select seen.project, seen.pipeline, next.interval_start, next.interval_end
        from run join run_request seen on seen.run_key = run.key
          cross join lateral (${nextAfter(`request.interval_start ${comparison} seen.interval_start`)}) as next
        where run.id = $1)
      union all
      select seen.project, seen.pipeline, next.interval_start, next.interval_end
      from intervals seen cross join lateral (${nextAfter(
        `(request.interval_start, request.interval_end) ${comparison} (seen.interval_start, seen.interval_end)`,
      )}) as next
    )
    select run.key, run.id
    from intervals cross join lateral (
        select run_key from run_request request
        where request.project = intervals.project and request.pipeline = intervals.pipeline
          and request.only_tasks is null and request.interval_start = intervals.interval_start
          and request.interval_end = intervals.interval_end
        order by run_key desc limit 1
      ) as newest
      join run on run.key = newest.run_key
    limit $2`;
  return { name: `select_${side}_runs`, text };
}
