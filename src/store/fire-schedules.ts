import type { Instant } from "../core/instant.ts";
import { createRuns, type PlannedRun } from "./create-runs.ts";
import { inLockOrder } from "./pipeline-places.ts";
import { Deployments, type DueSchedule, versionOf } from "./plan-due-schedules.ts";
import { NO_RUN } from "./records.ts";
import { noteFault, retryDelayMs } from "./schedule-fault.ts";
import type { ScheduleDecision, ScheduleRow } from "./schedule-rows.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** A schedule that is due, with the runs it makes as they are to be created. */
export interface PreparedSchedule {
  readonly due: DueSchedule;
  readonly runs: readonly PlannedRun[];
}

/**
 * Creates the runs of schedules and moves their marks, in one transaction (TI-3). Each row must be as it was planned on:
 * one that was edited, paused, removed or fired by another meanwhile is left alone. Gives how many runs there are.
 */
export async function fireSchedules(tx: Transaction, prepared: readonly PreparedSchedule[]): Promise<number> {
  // Before any row: whoever holds the lock of a pipeline never waits for a schedule.
  await tx.lockPipelines(inLockOrder(prepared.map(({ due: { row } }) => row)));
  const keys = prepared.map(({ due: { row } }) => row.key);
  const rows = new Map((await tx.schedules.lockSchedules(keys)).map((row) => [row.key, row]));
  const same = prepared.filter(({ due: { row } }) => isSame(row, rows.get(row.key)));
  const found = await ofCurrentVersion(tx, same);
  const paused = found.filter(({ due: { row } }) => rows.get(row.key)?.isPaused);
  const going = found.filter(({ due: { row } }) => !rows.get(row.key)?.isPaused);
  const created = await createOnce(tx, going);
  const decisions = going.map(({ due }) => decisionOf(due, tx.now));
  await tell(tx, going, decisions);
  await tx.schedules.decideSchedules([
    ...decisions,
    ...paused.map(({ due: { row } }): ScheduleDecision => ({ ...row, nextAt: null, rest: "paused" })),
  ]);
  return created;
}

/** A deployment that leaves a schedule as it is may change the tasks of its runs: those are planned again. */
async function ofCurrentVersion(
  tx: Transaction,
  prepared: readonly PreparedSchedule[],
): Promise<readonly PreparedSchedule[]> {
  const deployments = new Deployments(tx);
  const found: PreparedSchedule[] = [];
  for (const one of prepared) {
    const { row } = one.due;
    const current = one.runs.length === 0 ? undefined : versionOf(await deployments.of(row.project), row);
    if (one.runs.every(({ run }) => run.versionHash === current)) found.push(one);
  }
  return found;
}

function isSame(planned: ScheduleRow, found: ScheduleRow | undefined): boolean {
  if (found === undefined || found.removedAt !== null) return false;
  const { generation, mark, nextAt, rest } = planned;
  return found.generation === generation && found.mark === mark && found.nextAt === nextAt && found.rest === rest;
}

/** The key of the interval decides, whoever has made its run. */
async function createOnce(tx: Transaction, prepared: readonly PreparedSchedule[]): Promise<number> {
  const wanted = prepared.flatMap(({ due: { row }, runs }) =>
    runs.map((planned) => ({ scheduleKey: row.key, intervalEnd: planned.run.interval.end, planned })),
  );
  if (wanted.length === 0) return 0;
  const isNew = await tx.schedules.insertScheduledRuns(
    wanted.map(({ planned, ...key }) => ({ ...key, runId: planned.run.id })),
  );
  const runs = wanted.filter((_, index) => isNew[index]).map(({ planned }) => planned);
  await createRuns(tx, runs);
  return runs.length;
}

/** What is left out, set aside and well again. */
async function tell(
  tx: Transaction,
  prepared: readonly PreparedSchedule[],
  decisions: readonly ScheduleDecision[],
): Promise<void> {
  const set = new WorkingSet(tx.now);
  for (const [index, { due }] of prepared.entries()) {
    const decided = decisions[index];
    if (decided !== undefined) noteFault(set, due.row, decided);
    if (due.kind !== "planned") continue;
    const { key, project, pipeline, name } = due.row;
    for (const gap of due.plan.gaps) {
      await tx.schedules.noteGap({ scheduleKey: key, ...gap });
      set.note(NO_RUN, { kind: "ticks_left_out", project, pipeline, schedule: name, ...gap });
    }
  }
  await tx.apply(set.changes());
}

function decisionOf(due: DueSchedule, now: Instant): ScheduleDecision {
  const { row } = due;
  if (due.kind === "faulty") return setAside(row, due.fault, now);
  const { mark, nextAt, rest } = due.plan;
  const lastRun = due.runs.at(-1)?.id ?? row.lastRun;
  // One that waits for its function is mended by an answer alone.
  const fault = rest === "code" ? row.fault : null;
  return { ...row, mark: mark ?? row.mark, nextAt: nextAt ?? null, rest: rest ?? null, lastRun, fault };
}

export function setAside(row: ScheduleRow, fault: ScheduleFault, now: Instant): ScheduleDecision {
  return { ...row, nextAt: now + retryDelayMs(fault), rest: null, fault: JSON.stringify(fault) };
}
