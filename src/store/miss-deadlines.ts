import { type DeadlineSpec, deadlineText } from "../core/deadline/deadline-spec.ts";
import { type DeadlineVerdict, judgeDeadline } from "../core/deadline/judge-deadline.ts";
import { latenessText } from "../core/deadline/lateness.ts";
import { OF_RUN } from "../core/deadline/plan-deadlines.ts";
import { isFinished } from "../core/state.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { DeadlineFinding, DeadlineRow } from "./deadline-rows.ts";
import type { MissedFacts } from "./deadline-store.ts";
import { toPausedPipeline } from "./lane-records.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { TimerFiring } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Whether a deadline is to be looked at, without a transaction: most polls find none. */
export async function deadlinesDue(rows: Reader): Promise<TimerFiring | "due"> {
  const at = await rows.deadlines.nextAt();
  if (at === undefined) return { fired: 0 };
  return at <= rows.now ? "due" : { fired: 0, nextInMs: at - rows.now };
}

/**
 * Looks at the deadlines that have come in one run, that of the oldest; the next call takes the next run. What is still
 * late is told once, with what it waits for; what has ended meanwhile is late no more. Nothing else changes.
 */
export async function missDeadlines(tx: Transaction, pipelines: CompiledPipelines): Promise<TimerFiring> {
  await tx.deadlines.settleEnded();
  const [oldest] = await tx.deadlines.due();
  const run = oldest === undefined ? undefined : await tx.lockRun(oldest.runId);
  const missed = run === undefined ? 0 : await lookAt(tx, pipelines, run);
  const next = await tx.deadlines.nextAt();
  return { fired: missed, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

async function lookAt(tx: Transaction, pipelines: CompiledPipelines, run: RunRow): Promise<number> {
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  // Read again under the lock: what they are for may have begun anew meanwhile.
  const due = (await tx.deadlines.due()).filter(({ runKey }) => runKey === run.key);
  const findings: DeadlineFinding[] = [];
  for (const deadline of due) findings.push(await finding(tx, set, deadline));
  if (findings.length > 0) await tx.deadlines.note(run.key, findings);
  await tx.apply(set.changes());
  return findings.filter(({ missed }) => missed !== undefined).length;
}

async function finding(tx: Transaction, set: WorkingSet, deadline: DeadlineRow): Promise<DeadlineFinding> {
  const { task, place, runKey } = deadline;
  const spec = specOf(set, deadline);
  const verdict = spec === undefined ? OVER : judged(set, spec, deadline);
  if (spec === undefined || verdict.kind === "over") return { task, place, lookAt: null };
  if (verdict.kind === "wait") return { task, place, lookAt: verdict.until };
  const what = await factsOf(tx, set, { spec, deadline, dueAt: verdict.dueAt });
  set.note(runKey, { kind: "deadline_missed", ...(task === OF_RUN ? {} : { taskIndex: task }), ...what });
  return { task, place, lookAt: null, missed: { at: set.now, what: JSON.stringify(what) } };
}

const OVER: DeadlineVerdict = { kind: "over" };

function specOf(set: WorkingSet, { runKey, task, place }: DeadlineRow): DeadlineSpec | undefined {
  const { spec } = set.run(runKey).pipeline;
  return (task === OF_RUN ? spec.deadlines : spec.tasks[task]?.deadlines)?.[place];
}

function judged(set: WorkingSet, spec: DeadlineSpec, deadline: DeadlineRow): DeadlineVerdict {
  const { task, since, allowedMs, dueAt, runKey } = deadline;
  const taskRuns = set.taskRunsOf(runKey).filter(({ taskIndex }) => taskIndex === task);
  const run = set.run(runKey).after;
  const allowed = allowedMs === null ? {} : { allowedMs };
  return judgeDeadline({ spec, task, since, ...allowed, dueAt, run, taskRuns, now: set.now });
}

interface Miss {
  readonly spec: DeadlineSpec;
  readonly deadline: DeadlineRow;
  readonly dueAt: number;
}

async function factsOf(tx: Transaction, set: WorkingSet, { spec, deadline, dueAt }: Miss): Promise<MissedFacts> {
  const { task, runKey, allowedMs } = deadline;
  const { pipeline, after } = set.run(runKey);
  const { tasks } = pipeline.spec;
  const paused = (await tx.pausedPipelines(after.project)).find((row) => row.pipeline === after.pipeline);
  const waitsFor = latenessText({
    tasks,
    taskRuns: concerned(set.taskRunsOf(runKey), task),
    runState: after.state,
    ...(paused === undefined ? {} : { pause: toPausedPipeline(paused) }),
    now: set.now,
  });
  const name = tasks[task]?.name;
  return {
    ...(name === undefined ? {} : { task: name }),
    deadline: deadlineText(spec, allowedMs ?? undefined),
    dueAt,
    waitsFor,
  };
}

/** A task that waits for its upstream waits for all that goes on in its run; else it is itself what is late. */
function concerned(rows: readonly TaskRunRow[], task: number): readonly TaskRunRow[] {
  const own = rows.filter(({ taskIndex, state }) => taskIndex === task && !isFinished(state) && state !== "scheduled");
  return own.length === 0 ? rows : own;
}
