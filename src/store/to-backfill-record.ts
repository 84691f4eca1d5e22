import type { RunState } from "../core/state.ts";
import { requestOf } from "./advance-backfill.ts";
import type { BackfillRecord } from "./backfill-records.ts";
import type { BackfillRow } from "./backfill-rows.ts";
import { present } from "./records.ts";
import type { Reader } from "./transaction.ts";

/** As readers see it, with its runs counted. */
export async function toBackfillRecord(rows: Reader, row: BackfillRow): Promise<BackfillRecord> {
  const counts = await rows.backfills.runCounts(row.key);
  const { project, pipeline, versionHash, requestKey, intervals, maxActive, actor, state, createdAt } = row;
  return {
    ...{ id: row.key, project, pipeline, versionHash, requestKey, intervals, maxActive, actor, state, createdAt },
    ...(row.schedule === "" ? {} : { schedule: row.schedule }),
    request: requestOf(row),
    range: { start: row.rangeStart, end: row.rangeEnd },
    ...present("cursor", row.cursor),
    skipped: { in_flight: row.inFlight, succeeded: row.succeeded, failed: row.failed, filtered: row.filtered },
    runs: byState(new Map(counts.map((entry) => [entry.state, entry.count]))),
    isRetrying: row.retryUntil !== null,
    ...present("finishedAt", row.finishedAt),
  };
}

function byState(counts: ReadonlyMap<RunState, number>): BackfillRecord["runs"] {
  const of = (state: RunState): number => counts.get(state) ?? 0;
  return {
    queued: of("queued"),
    running: of("running"),
    cancelling: of("cancelling"),
    success: of("success"),
    failed: of("failed"),
    cancelled: of("cancelled"),
  };
}
