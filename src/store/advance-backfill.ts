import { isWalked, nextIntervals } from "../core/backfill/backfill-range.ts";
import { newestRunOf } from "../core/backfill/decide-interval.ts";
import { type BackfillStep, planStep } from "../core/backfill/plan-step.ts";
import type { DataInterval } from "../core/instant.ts";
import { isRunFinished } from "../core/state.ts";
import { timeZone } from "../core/time-zone.ts";
import type { BackfillRequest } from "./backfill-records.ts";
import type { BackfillRow, FailedRunRow, IntervalRunRow, IntervalSpan } from "./backfill-rows.ts";
import { clear } from "./clear.ts";
import type { CompiledPipeline, CompiledPipelines } from "./compiled-pipelines.ts";
import { createRuns, type PlannedRun } from "./create-runs.ts";
import type { RunId } from "./run-id.ts";
import type { NewRun } from "./run-records.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { UsualTimes } from "./usual-times.ts";

/** Intervals decided in one transaction. */
const INTERVALS_MAX = 500;
/** Task runs created in one transaction, but one run at least. */
const TASK_RUNS_MAX = 2_000;
/** Runs that begin in one transaction. */
const RUNS_MAX = 50;

/** What is to be done for a backfill now. */
export type BackfillWork =
  | { readonly kind: "nothing" }
  /** Its last run has ended. */
  | { readonly kind: "end"; readonly state: "done" | "cancelled" }
  /** These runs of it are to be cancelled. */
  | { readonly kind: "cancel"; readonly runs: readonly RunId[] }
  /** The next of its failed runs; absent = there is none left. */
  | { readonly kind: "retry"; readonly failed?: FailedRunRow; readonly how: "skip" | "clear" | "replace" }
  /** `free`: runs that may begin, now and in the transactions that follow at once. */
  | { readonly kind: "step"; readonly step: BackfillStep; readonly free: number };

/** What is to be done for a backfill, as its rows are now. */
export async function backfillWork(rows: Reader, row: BackfillRow, pipeline: CompiledPipeline): Promise<BackfillWork> {
  const active = await rows.backfills.activeRuns(row.key);
  if (row.state === "cancelling") {
    const runs = active.filter(({ state }) => state !== "cancelling").slice(0, RUNS_MAX);
    if (runs.length > 0) return { kind: "cancel", runs: runs.map(({ id }) => id) };
    return active.length === 0 ? { kind: "end", state: "cancelled" } : { kind: "nothing" };
  }
  if (row.state !== "running") return { kind: "nothing" };
  if (row.retryUntil === null && isWalkedThrough(row)) {
    return active.length === 0 ? { kind: "end", state: "done" } : { kind: "nothing" };
  }
  const free = row.maxActive - active.length;
  // Nothing of a paused pipeline begins.
  if (free <= 0 || (await rows.pipelineLoad(row)).isPaused) return { kind: "nothing" };
  if (row.retryUntil !== null) return retryWork(rows, row, row.retryUntil);
  const inOne = Math.max(1, Math.floor(TASK_RUNS_MAX / Math.max(pipeline.spec.tasks.length, 1)));
  return { kind: "step", step: await nextStep(rows, row, Math.min(free, inOne, RUNS_MAX)), free };
}

/**
 * A failed run goes on from where it failed. One of another version than the backfill's is replaced by a new one, for
 * outputs of other code are none of its own. What has a newer run by now is left to that.
 */
async function retryWork(rows: Reader, row: BackfillRow, until: number): Promise<BackfillWork> {
  const [failed] = await rows.backfills.failedRuns(row.key, { after: row.retryAfter ?? 0, until, limit: 1 });
  if (failed === undefined) return { kind: "retry", how: "skip" };
  const { project, pipeline, schedule } = row;
  const { start, end } = failed;
  const newest = newestRunOf(failed, await newestFirst(rows, { project, pipeline, schedule, start, end }));
  if (newest?.key !== failed.key) return { kind: "retry", failed, how: "skip" };
  return { kind: "retry", failed, how: failed.versionHash === row.versionHash ? "clear" : "replace" };
}

export function requestOf({ request }: Pick<BackfillRow, "request">): BackfillRequest {
  return JSON.parse(request) as BackfillRequest;
}

function isWalkedThrough(row: BackfillRow): boolean {
  return row.cursor !== null && isWalked(walkOf(row, row.cursor));
}

function walkOf(row: Pick<BackfillRow, "rangeStart" | "rangeEnd" | "request">, cursor: number | null) {
  const range = { start: row.rangeStart, end: row.rangeEnd };
  return { range, order: requestOf(row).order, ...(cursor === null ? {} : { cursor }) };
}

export type Walked = Pick<
  BackfillRow,
  "project" | "pipeline" | "schedule" | "request" | "rangeStart" | "rangeEnd" | "cursor"
>;

/** Decides the next intervals, as their newest runs are now (BF-2). */
export async function nextStep(rows: Reader, row: Walked, room: number): Promise<BackfillStep> {
  const request = requestOf(row);
  const walk = walkOf(row, row.cursor);
  const intervals = request.isSingleRun ? [{ interval: walk.range }] : nextIntervals(request, walk, INTERVALS_MAX);
  const span = {
    start: Math.min(...intervals.map(({ interval }) => interval.start)),
    end: Math.max(...intervals.map(({ interval }) => interval.end)),
  };
  const { project, pipeline, schedule } = row;
  const runs = await newestFirst(rows, { project, pipeline, schedule, ...span });
  const { order, reprocess } = request;
  // Nothing within a range that is one run may be in flight.
  const flying = request.isSingleRun ? runs.filter(({ state }) => !isRunFinished(state)).slice(0, 1) : [];
  const told = [...flying.map(({ state }) => ({ ...walk.range, state })), ...runs];
  return planStep({ intervals, runs: told, order, reprocess, room });
}

async function newestFirst(rows: Reader, span: IntervalSpan): Promise<readonly IntervalRunRow[]> {
  return [...(await rows.backfills.runsWithin(span))].sort((one, other) => other.key - one.key);
}

export interface Advance {
  readonly row: BackfillRow;
  readonly pipeline: CompiledPipeline;
  readonly priorities: readonly number[] | undefined;
  readonly usual: UsualTimes | undefined;
  readonly newRunId: () => RunId;
  /** First keys of task runs, reserved for so many runs. */
  readonly firstKeys: readonly number[];
}

/** Does it, under the locks of the pipeline and, for runs that run again, behind the gate. Gives the runs that begin. */
export async function carryOutWork(
  tx: Transaction,
  pipelines: CompiledPipelines,
  work: BackfillWork,
  advance: Advance,
): Promise<readonly RunId[]> {
  const { row } = advance;
  switch (work.kind) {
    case "end":
      await tx.backfills.update({ ...row, state: work.state, finishedAt: tx.now });
      return [];
    case "step":
      return takeStep(tx, work.step, advance);
    case "retry":
      return retryFailed(tx, pipelines, work, advance);
    default:
      return [];
  }
}

async function takeStep(tx: Transaction, { runs, skipped, cursor }: BackfillStep, advance: Advance): Promise<RunId[]> {
  const { row } = advance;
  const planned = runs.map((interval, index) => plannedRun(advance, interval, index));
  await createRuns(tx, planned);
  await tx.backfills.update({
    ...row,
    cursor: cursor ?? row.cursor,
    inFlight: row.inFlight + skipped.in_flight,
    succeeded: row.succeeded + skipped.succeeded,
    failed: row.failed + skipped.failed,
    filtered: row.filtered + skipped.filtered,
  });
  return planned.map(({ run }) => run.id);
}

/** One in a transaction: the lock of its run is taken before anything is written. */
async function retryFailed(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { failed, how }: Extract<BackfillWork, { kind: "retry" }>,
  advance: Advance,
): Promise<readonly RunId[]> {
  const { row } = advance;
  if (failed === undefined) {
    await tx.backfills.update({ ...row, retryAfter: null, retryUntil: null });
    return [];
  }
  const begun = await runAgain(tx, pipelines, { failed, how }, advance);
  await tx.backfills.update({ ...row, retryAfter: failed.key });
  return begun;
}

async function runAgain(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { failed, how }: { readonly failed: FailedRunRow; readonly how: "skip" | "clear" | "replace" },
  advance: Advance,
): Promise<readonly RunId[]> {
  if (how === "skip") return [];
  if (how === "replace") {
    const planned = plannedRun(advance, failed, 0);
    await tx.backfills.replaceRun(failed.key);
    await createRuns(tx, [planned]);
    return [planned.run.id];
  }
  const request = { run: failed.id, tasks: [], actor: advance.row.actor };
  const result = await clear(tx, pipelines, request, "retry_failed");
  return result.kind === "done" ? [failed.id] : [];
}

function plannedRun(advance: Advance, { start, end }: DataInterval, index: number): PlannedRun {
  const { row, pipeline, priorities, usual, newRunId, firstKeys } = advance;
  const firstKey = firstKeys[index];
  if (firstKey === undefined) throw new Error(`No keys are reserved for run ${index} of backfill ${row.key}`);
  const { timezone, params, isSingleRun } = requestOf(row);
  const run: NewRun = {
    id: newRunId(),
    project: row.project,
    pipeline: row.pipeline,
    versionHash: row.versionHash,
    trigger: "backfill",
    interval: { start, end },
    timezone,
    ds: timeZone(timezone).dateOf(start),
    ...(row.schedule === "" ? {} : { schedule: row.schedule }),
    params,
    // No command asks for it by itself: what is left of it is taken up by the backfill alone.
    requestKey: `backfill/${row.key}/${start}/${end}`,
    backfill: row.key,
    ...(isSingleRun ? { isWide: true as const } : {}),
    actor: row.actor,
  };
  return { run, pipeline, priorities, usual, firstKey };
}
