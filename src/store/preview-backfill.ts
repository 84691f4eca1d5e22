import { isWalked } from "../core/backfill/backfill-range.ts";
import { SKIP_REASONS, type SkipReason } from "../core/backfill/decide-interval.ts";
import type { DataInterval } from "../core/instant.ts";
import { nextStep, type Walked } from "./advance-backfill.ts";
import type { BackfillPreview, BackfillSketch } from "./backfill-records.ts";
import type { Reader } from "./transaction.ts";

/** Intervals that are told one by one, at either end of what may be very many. */
const TOLD_MAX = 10;

/** Decides all intervals as they stand now, and does nothing (BF-1). */
export async function previewBackfill(rows: Reader, sketch: BackfillSketch): Promise<BackfillPreview> {
  const { project, pipeline, schedule = "", request, range } = sketch;
  let walked: Walked = {
    ...{ project, pipeline, schedule, request: JSON.stringify(request), cursor: null },
    ...{ rangeStart: range.start, rangeEnd: range.end },
  };
  const told = { runs: 0, skipped: { in_flight: 0, succeeded: 0, failed: 0, filtered: 0 } };
  const first: DataInterval[] = [];
  let last: readonly DataInterval[] = [];
  const left: (DataInterval & { readonly reason: SkipReason })[] = [];
  for (;;) {
    const step = await nextStep(rows, walked, Number.POSITIVE_INFINITY);
    told.runs += step.runs.length;
    for (const reason of SKIP_REASONS) told.skipped[reason] += step.skipped[reason];
    first.push(...step.runs.slice(0, TOLD_MAX - first.length));
    last = [...last, ...step.runs].slice(-TOLD_MAX);
    left.push(...step.left.slice(0, TOLD_MAX - left.length));
    const { cursor } = step;
    if (cursor === undefined || isWalked({ range, order: request.order, cursor })) break;
    walked = { ...walked, cursor };
  }
  return {
    ...told,
    first,
    // Few intervals are told once, not from both ends.
    last: last.slice(Math.max(first.length + last.length - told.runs, 0)),
    left,
  };
}
