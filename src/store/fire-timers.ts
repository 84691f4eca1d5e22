import { formatDuration } from "../core/duration.ts";
import type { Failure } from "../core/failure.ts";
import { isFinished, isRunFinished } from "../core/state.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { failTaskRun } from "./end-attempts.ts";
import { pauseFailing } from "./pause-failing.ts";
import { recountRun } from "./recount-run.ts";
import type { TaskRunRow, TimerRow } from "./rows.ts";
import { lockedSet, settleEnded } from "./settle.ts";
import { requestStops } from "./stop-attempts.ts";
import { stopRun } from "./stop-run.ts";
import type { TimerFiring } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Whether a deadline has come, without a transaction: most polls find none. */
export async function timersDue(rows: Reader): Promise<TimerFiring | "due"> {
  const at = await rows.nextTimerAt();
  if (at === undefined) return { fired: 0 };
  return at <= rows.now ? "due" : { fired: 0, nextInMs: at - rows.now };
}

/** Two kinds of what comes with time, as one. */
export function sooner(one: TimerFiring, other: TimerFiring): TimerFiring {
  const next = [one.nextInMs, other.nextInMs].filter((ms) => ms !== undefined);
  return { fired: one.fired + other.fired, ...(next.length === 0 ? {} : { nextInMs: Math.min(...next) }) };
}

/** Carries out the deadlines that have come in one run, that of the oldest; the next call takes the next run. */
export async function fireTimers(tx: Transaction, pipelines: CompiledPipelines): Promise<TimerFiring> {
  await tx.closeClaimGate();
  const [oldest] = await tx.dueTimers();
  const run = oldest === undefined ? undefined : await tx.lockRun(oldest.runId);
  if (run === undefined) return { fired: 0 };
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  // Read again under the lock: what they are for may have ended meanwhile.
  const due = (await tx.dueTimers()).filter(({ runKey }) => runKey === run.key);
  for (const timer of due) await fire(tx, set, timer);
  await pauseFailing(tx, set);
  await tx.apply(set.changes());
  const next = await tx.nextTimerAt();
  return { fired: due.length, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

async function fire(tx: Transaction, set: WorkingSet, timer: TimerRow): Promise<void> {
  set.endTimer(timer);
  switch (timer.kind) {
    case "run_timeout":
      return endRun(tx, set, timer);
    case "cleanup":
      return endCleanup(tx, set, timer);
    case "total_timeout":
      return endTask(tx, set, timer);
  }
}

/** RS-4, also where it has given its place back meanwhile. A run that is being stopped already has its other deadline. */
async function endRun(tx: Transaction, set: WorkingSet, { runKey }: TimerRow): Promise<void> {
  const { after, pipeline } = set.run(runKey);
  if (after.state !== "running" && after.state !== "queued") return;
  const message = `The run took longer than its time-out of ${formatDuration(pipeline.spec.runTimeoutMs ?? 0)}.`;
  await stopRun(tx, set, runKey, { reason: "timeout", message });
}

/** RS-7: what is left of a run that was stopped has had its time, tear-downs included. */
async function endCleanup(tx: Transaction, set: WorkingSet, { runKey }: TimerRow): Promise<void> {
  if (isRunFinished(set.run(runKey).after.state)) return;
  const left = set.taskRunsOf(runKey).filter(({ state }) => !isFinished(state));
  const running = left.filter(({ state }) => state === "running").map(({ key }) => key);
  await requestStops(tx, set, running, { kind: "kill", message: "The time for cleaning up was over." });
  for (const { key, state } of left) if (state !== "running") set.move(key, "cancelled", { reason: "cleanup_timeout" });
  await recountRun(tx, set, runKey);
  set.finishRuns();
}

/** RT-4: the failure is final, whatever its policy says. */
async function endTask(tx: Transaction, set: WorkingSet, { taskRunKey, generation }: TimerRow): Promise<void> {
  const row = set.taskRun(taskRunKey);
  if (row === undefined || row.generation !== generation || !COUNTED.includes(row.state)) return;
  const failure = totalTimeout(set, row);
  if (row.state === "running") {
    await requestStops(tx, set, [row.key], { kind: "timeout", message: failure.message });
  } else {
    await settleEnded(tx, set, [failTaskRun(set, row, failure)]);
  }
}

function totalTimeout(set: WorkingSet, row: TaskRunRow): Failure {
  const { totalTimeoutMs = 0 } = set.taskSpec(row);
  const message = `All attempts and waits together took longer than the total time-out of ${formatDuration(totalTimeoutMs)}.`;
  return { reason: "timeout", message };
}

const COUNTED: readonly string[] = ["queued", "running", "retrying", "deferred"];
