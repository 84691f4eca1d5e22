import { type DataInterval, iso } from "../core/instant.ts";
import { timeZone } from "../core/time-zone.ts";
import type { BackfillPreview, BackfillRecord, BackfillSketch } from "../store/backfill-records.ts";

/** A backfill as `--json` shows it; instants are ISO 8601 in UTC. */
export interface BackfillReport {
  readonly id: number;
  readonly pipeline: string;
  readonly schedule?: string;
  readonly state: BackfillRecord["state"];
  readonly from: string;
  readonly to: string;
  readonly reprocess: string;
  readonly order: string;
  readonly maxActive: number;
  readonly version: string;
  readonly intervals: number;
  /** Intervals that are done with, whether they were run or left as they are. */
  readonly done: number;
  readonly runs: BackfillRecord["runs"];
  readonly skipped: BackfillRecord["skipped"];
  readonly actor: string;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

export function backfillReport(backfill: BackfillRecord): BackfillReport {
  const { id, pipeline, state, request, maxActive, versionHash, intervals, runs, skipped, actor } = backfill;
  const { from, to, reprocess, order } = request;
  return {
    ...{ id, pipeline, state, from, to, reprocess, order, maxActive, version: versionHash, intervals },
    ...(backfill.schedule === undefined ? {} : { schedule: backfill.schedule }),
    ...{ done: doneOf(backfill), runs, skipped, actor, createdAt: iso(backfill.createdAt) },
    ...(backfill.finishedAt === undefined ? {} : { finishedAt: iso(backfill.finishedAt) }),
  };
}

/** Intervals that need nothing more. */
export function doneOf({ runs, skipped }: Pick<BackfillRecord, "runs" | "skipped">): number {
  return runs.success + runs.failed + runs.cancelled + skippedOf(skipped);
}

export function skippedOf(skipped: BackfillRecord["skipped"]): number {
  return skipped.in_flight + skipped.succeeded + skipped.failed + skipped.filtered;
}

/** An interval with its date in the zone of its schedule. */
export interface IntervalReport {
  readonly ds: string;
  readonly start: string;
  readonly end: string;
  readonly reason?: string;
}

export interface PreviewReport {
  readonly dryRun: true;
  readonly pipeline: string;
  readonly schedule?: string;
  readonly reprocess: string;
  readonly order: string;
  readonly intervals: number;
  readonly runs: number;
  readonly skipped: BackfillPreview["skipped"];
  readonly first: readonly IntervalReport[];
  readonly last: readonly IntervalReport[];
  readonly left: readonly IntervalReport[];
}

export function previewReport(sketch: BackfillSketch, preview: BackfillPreview): PreviewReport {
  const { pipeline, schedule, request } = sketch;
  const { runs, skipped, first, last, left } = preview;
  const zone = timeZone(request.timezone);
  const told = (interval: DataInterval & { readonly reason?: string }): IntervalReport => ({
    ds: zone.dateOf(interval.start),
    start: iso(interval.start),
    end: iso(interval.end),
    ...(interval.reason === undefined ? {} : { reason: interval.reason }),
  });
  return {
    ...{ dryRun: true, pipeline, reprocess: request.reprocess, order: request.order },
    ...(schedule === undefined ? {} : { schedule }),
    ...{ intervals: runs + skippedOf(skipped), runs, skipped },
    ...{ first: first.map(told), last: last.map(told), left: left.map(told) },
  };
}
