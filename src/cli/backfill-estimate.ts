import type { BackfillRecord } from "../store/backfill-records.ts";
import { doneOf, skippedOf } from "./backfill-report.ts";

/** Runs that have to have ended before their pace tells more than what runs took before. */
const TELLING = 5;

/** What is known of the pace of a backfill. */
export interface Pace {
  /** What runs of the pipeline took before, on average; absent = there was none. */
  readonly runMs?: number;
  /** Since somebody watches it: how long, and how many of its runs have ended meanwhile. */
  readonly watchedMs: number;
  readonly ended: number;
  /** Since one of them has ended last. */
  readonly stillMs: number;
}

/** A backfill of which nothing has ended for so long, and for so many times what a run takes, waits for something. */
const STILL_MS = 30_000;
const STILL_RUNS = 3;

/** For how long nothing of it has ended, where that is longer than its runs explain. */
export function standstill({ runMs = 0, stillMs }: Pick<Pace, "runMs" | "stillMs">): number | undefined {
  return stillMs > Math.max(STILL_MS, runMs * STILL_RUNS) ? stillMs : undefined;
}

/** How long it will still take; undefined when nothing tells. */
export function timeLeft(backfill: BackfillRecord, { runMs, watchedMs, ended }: Pace): number | undefined {
  const left = runsLeft(backfill);
  if (ended >= TELLING) return (left * watchedMs) / ended;
  return runMs === undefined ? undefined : Math.ceil(left / backfill.maxActive) * runMs;
}

/** Of the intervals that are not decided yet as many are run as of those that are. */
function runsLeft(backfill: BackfillRecord): number {
  const { runs, skipped, intervals } = backfill;
  const active = runs.queued + runs.running + runs.cancelling;
  const decided = doneOf(backfill) + active;
  const run = decided - skippedOf(skipped);
  const share = decided === 0 ? 1 : run / decided;
  return active + Math.max(intervals - decided, 0) * share;
}
