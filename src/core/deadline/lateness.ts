import { formatDuration } from "../duration.ts";
import type { Instant } from "../instant.ts";
import { isJunction } from "../junction.ts";
import type { TaskSpec } from "../manifest.ts";
import { type PauseFacts, pauseText } from "../run-admission.ts";
import { taskRunName } from "../shown-task-runs.ts";
import { isFinished, type RunState, type TaskRunState } from "../state.ts";

/** A run that is late. */
export interface LateRun {
  readonly tasks: readonly TaskSpec[];
  readonly taskRuns: readonly LateTaskRun[];
  readonly runState: RunState;
  readonly pause?: PauseFacts;
  readonly now: Instant;
}

export interface LateTaskRun {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly state: TaskRunState;
  readonly attempt: number;
  readonly startedAt: Instant | null;
  readonly dueAt: Instant | null;
  readonly reason: string | null;
}

/** Task runs that are told one by one. */
const TOLD_MAX = 5;

/**
 * What a run waits for: one sentence for each thing, the outermost first. A task that waits for its upstream is told only
 * where nothing goes on at all: what it waits for is told before it.
 */
export function latenessText(run: LateRun): readonly string[] {
  const { runState, pause, taskRuns, tasks } = run;
  const open = taskRuns.filter(({ state, taskIndex }) => !isFinished(state) && !isHidden(tasks[taskIndex]));
  const active = open.filter(({ state }) => state !== "scheduled");
  const told = active.length === 0 ? open : active;
  const more = told.length > TOLD_MAX ? [`and ${told.length - TOLD_MAX} more`] : [];
  return [
    ...(pause === undefined ? [] : [pauseText(pause)]),
    ...(runState === "queued" ? ["the run waits for its place"] : []),
    ...told.slice(0, TOLD_MAX).map((taskRun) => taskText(taskRun, run)),
    ...more,
  ];
}

function isHidden(task: TaskSpec | undefined): boolean {
  return task === undefined || isJunction(task);
}

function taskText({ taskIndex, mapKey, state, attempt, startedAt, dueAt, reason }: LateTaskRun, run: LateRun): string {
  const name = taskRunName(run.tasks[taskIndex]?.name ?? "", mapKey);
  switch (state) {
    case "running": {
      const lasts = startedAt === null ? "" : ` for ${formatDuration(Math.max(run.now - startedAt, 0))}`;
      return `${name} has been running${lasts}, attempt ${attempt}`;
    }
    case "queued":
      return `${name} is ready and waits for a slot`;
    case "retrying": {
      const rest = dueAt === null ? "" : `, over in ${formatDuration(Math.max(dueAt - run.now, 0))}`;
      return `${name} waits for its back-off after attempt ${attempt}${rest}`;
    }
    case "deferred":
      return `${name} waits for something outside${reason === null ? "" : `: ${reason}`}`;
    default:
      return `${name} waits for its upstream`;
  }
}
