import { RUN_STATES, type RunState, type TaskRunState } from "./state.ts";

/** What a person or token may do by hand to a run or to task runs of it. */
export type OperatorAction =
  | "clear"
  | "mark_success"
  | "mark_failed"
  | "mark_run_success"
  | "mark_run_failed"
  | "cancel"
  | "cancel_run"
  | "kill"
  | "kill_run"
  | "retry"
  | "retry_failed"
  | "replay"
  | "resolve"
  | "assign";

/**
 * What an action makes of a task run it is about: its new state; `stops` = it is asked to end and ends as cancelled;
 * `stays` = nothing is to do; `refused` = the whole action is refused.
 */
export type ActionEffect = "scheduled" | "success" | "failed" | "cancelled" | "stops" | "stays" | "refused";

export interface ActionRule {
  /** In words, for the page about operators. */
  readonly does: string;
  /** States of a run in which it is possible; in others it is refused. */
  readonly runs: readonly RunState[];
  readonly taskRuns: Readonly<Record<TaskRunState, ActionEffect>>;
}

const UNFINISHED_RUN: readonly RunState[] = ["queued", "running", "cancelling"];
const FINISHED_RUN: readonly RunState[] = ["success", "failed", "cancelled"];
const NOT_STOPPING_RUN: readonly RunState[] = ["queued", "running", ...FINISHED_RUN];

const STOPPING: ActionRule["taskRuns"] = {
  ...everyState("stays"),
  scheduled: "cancelled",
  queued: "cancelled",
  running: "stops",
  retrying: "cancelled",
  deferred: "cancelled",
};

/** There is none in a run that has ended. */
const UNFINISHED_REFUSED: Pick<ActionRule["taskRuns"], "scheduled" | "queued" | "running" | "retrying" | "deferred"> = {
  scheduled: "refused",
  queued: "refused",
  running: "refused",
  retrying: "refused",
  deferred: "refused",
};

const LETTER: ActionRule["taskRuns"] = { ...everyState("refused"), failed: "stays" };

/** Every action, in every state: what it does, or that it is refused. The store acts by this table alone. */
export const OPERATOR_ACTIONS: Readonly<Record<OperatorAction, ActionRule>> = {
  clear: {
    does: "runs finished task runs again",
    runs: NOT_STOPPING_RUN,
    taskRuns: {
      ...everyState("scheduled"),
      scheduled: "stays",
      queued: "stays",
      running: "refused",
      retrying: "stays",
      deferred: "stays",
      removed: "stays",
    },
  },
  mark_success: {
    does: "makes task runs a success without running them; what they had blocked goes on",
    runs: NOT_STOPPING_RUN,
    taskRuns: { ...everyState("success"), success: "stays", removed: "refused" },
  },
  mark_failed: {
    does: "makes task runs failed, which opens a dead letter",
    runs: NOT_STOPPING_RUN,
    taskRuns: { ...everyState("failed"), failed: "stays", removed: "refused" },
  },
  mark_run_success: {
    does: "makes a run a success, with everything in it that was not",
    runs: NOT_STOPPING_RUN,
    taskRuns: { ...everyState("success"), success: "stays", skipped: "stays", removed: "stays" },
  },
  mark_run_failed: {
    does: "ends a run as failed: what runs fails, what waits is cancelled, tear-downs still run",
    runs: NOT_STOPPING_RUN,
    taskRuns: { ...STOPPING, running: "failed" },
  },
  cancel: {
    does: "stops task runs, with their grace time",
    runs: UNFINISHED_RUN,
    taskRuns: STOPPING,
  },
  cancel_run: {
    does: "stops a run, with the grace time of what runs; tear-downs still run",
    runs: UNFINISHED_RUN,
    taskRuns: STOPPING,
  },
  kill: {
    does: "stops task runs at once",
    runs: UNFINISHED_RUN,
    taskRuns: STOPPING,
  },
  kill_run: {
    does: "stops a run at once, its tear-downs included",
    runs: UNFINISHED_RUN,
    taskRuns: STOPPING,
  },
  retry: {
    does: "runs all of a finished run again",
    runs: FINISHED_RUN,
    taskRuns: { ...everyState("scheduled"), ...UNFINISHED_REFUSED, removed: "stays" },
  },
  retry_failed: {
    does: "runs again what failed, was blocked or cancelled, and what hangs on it",
    runs: FINISHED_RUN,
    taskRuns: {
      ...everyState("stays"),
      ...UNFINISHED_REFUSED,
      failed: "scheduled",
      upstream_failed: "scheduled",
      cancelled: "scheduled",
    },
  },
  replay: {
    does: "runs the task run of an open dead letter again, and what it had blocked",
    runs: NOT_STOPPING_RUN,
    taskRuns: { ...everyState("refused"), failed: "scheduled" },
  },
  resolve: {
    does: "closes an open dead letter with a note",
    runs: RUN_STATES,
    taskRuns: LETTER,
  },
  assign: {
    does: "gives an open dead letter to somebody",
    runs: RUN_STATES,
    taskRuns: LETTER,
  },
};

export function effectOf(action: OperatorAction, state: TaskRunState): ActionEffect {
  return OPERATOR_ACTIONS[action].taskRuns[state];
}

/** Why an action is refused for a run in this state, and what to do instead; undefined when it is possible. */
export function runRefusal(action: OperatorAction, run: { readonly id: string; readonly state: RunState }) {
  const { runs } = OPERATOR_ACTIONS[action];
  if (runs.includes(run.state)) return undefined;
  return RUN_REFUSALS[run.state](run.id);
}

const RUN_REFUSALS: Readonly<Record<RunState, (id: string) => string>> = {
  queued: (id) => `The run waits for its place and has not ended. To give it up: batuta cancel ${id}`,
  running: (id) => `The run is still running. Wait for it to end, or cancel it first: batuta cancel ${id}`,
  cancelling: (id) => `The run is still being cancelled. Wait for it to end, or end it at once: batuta kill ${id}`,
  success: () => "The run has ended already: success. There is nothing to stop.",
  failed: () => "The run has ended already: failed. There is nothing to stop.",
  cancelled: () => "The run has ended already: cancelled. There is nothing to stop.",
};

/** Why an action is refused because of a task run in this state. */
export function taskRunRefusal(name: string, state: TaskRunState, run: string): string {
  if (state === "running") return `${name} is running. Wait for it to end, or end it first: batuta kill ${run} ${name}`;
  if (state === "removed") return `${name} is not part of the run any more: its task or its item has vanished.`;
  return `${name} is ${state}, and no dead letter of it is open.`;
}

function everyState(effect: ActionEffect): Readonly<Record<TaskRunState, ActionEffect>> {
  return {
    ...{ scheduled: effect, queued: effect, running: effect, retrying: effect, deferred: effect, success: effect },
    ...{ failed: effect, upstream_failed: effect, skipped: effect, cancelled: effect, removed: effect },
  };
}
