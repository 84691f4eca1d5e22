/** States of a task run (semantics ST-1). */
export type TaskRunState =
  | "scheduled"
  | "queued"
  | "running"
  | "retrying"
  | "deferred"
  | "success"
  | "failed"
  | "upstream_failed"
  | "skipped"
  | "cancelled"
  | "removed";

export type RunState = "queued" | "running" | "cancelling" | "success" | "failed" | "cancelled";

/** A state that stays as it is unless an operator acts (ST-1). */
export type FinishedState = "success" | "failed" | "upstream_failed" | "skipped" | "cancelled" | "removed";

/** One permitted change of state. Who makes it: the engine by its rules, or a person or token that answers for it. */
export interface Edge<State> {
  readonly from: State;
  readonly to: State;
  readonly by: "engine" | "operator";
  readonly why: string;
}

/** In the order of a task run's life. */
export const TASK_RUN_STATES: readonly TaskRunState[] = [
  "scheduled",
  "queued",
  "running",
  "retrying",
  "deferred",
  "success",
  "failed",
  "upstream_failed",
  "skipped",
  "cancelled",
  "removed",
];

export const RUN_STATES: readonly RunState[] = ["queued", "running", "cancelling", "success", "failed", "cancelled"];

const TASK_RUN_FINISHED: ReadonlySet<TaskRunState> = new Set<FinishedState>([
  "success",
  "failed",
  "upstream_failed",
  "skipped",
  "cancelled",
  "removed",
]);

const RUN_FINISHED: ReadonlySet<RunState> = new Set<RunState>(["success", "failed", "cancelled"]);

export function isFinished(state: TaskRunState): state is FinishedState {
  return TASK_RUN_FINISHED.has(state);
}

export function isRunFinished(state: RunState): boolean {
  return RUN_FINISHED.has(state);
}

const UNFINISHED_STATES = TASK_RUN_STATES.filter((state) => !isFinished(state));

/** Every change of a task run's state that can ever happen (ST-2); anything else is refused (ST-6). */
export const TASK_RUN_EDGES: readonly Edge<TaskRunState>[] = [
  byEngine("scheduled", "queued", "its trigger rule is satisfied"),
  byEngine("scheduled", "skipped", "its trigger rule can only end in a skip"),
  byEngine("scheduled", "upstream_failed", "its trigger rule can no longer be satisfied"),
  byEngine("scheduled", "deferred", "it is a sensor and begins to watch, or waits for the run before its own"),
  byEngine("scheduled", "success", "the work was found done: cache, doneWhen, or an expanded map"),
  byEngine("scheduled", "retrying", "it is the start of a group that waits for its next attempt"),
  byEngine("queued", "running", "a worker claimed it"),
  byEngine("queued", "scheduled", "an upstream task was cleared or marked"),
  byEngine("queued", "success", "the work was found done in the cache"),
  byEngine("queued", "failed", "it cannot start"),
  byEngine("queued", "skipped", "its key is taken and it was to skip then"),
  byEngine("running", "success", "the attempt succeeded"),
  byEngine("running", "failed", "the attempt failed and none is left"),
  byEngine("running", "skipped", "the task skipped itself"),
  byEngine("running", "retrying", "the attempt failed or its worker was lost, and attempts are left"),
  byEngine("running", "deferred", "it waits for time, an event or a person"),
  byEngine("retrying", "queued", "its back-off is over"),
  byEngine("retrying", "scheduled", "an upstream task was cleared or marked"),
  byEngine("retrying", "failed", "all its attempts and waits together took too long"),
  byEngine(
    "deferred",
    "scheduled",
    "an upstream task was cleared or marked while it watched, or waited for the run before its own",
  ),
  byEngine("deferred", "retrying", "what it waited for failed, and attempts are left"),
  byEngine("deferred", "queued", "what it waited for happened and it has more to do"),
  byEngine("deferred", "success", "what it waited for happened"),
  byEngine("deferred", "failed", "its wait timed out or went wrong"),
  byEngine("deferred", "skipped", "its wait timed out and it skips then"),
  ...UNFINISHED_STATES.map((from) => byOperator(from, "cancelled", "it or its run was cancelled")),
  ...UNFINISHED_STATES.map((from) => byEngine(from, "removed", "its task or map index vanished")),
  ...TASK_RUN_STATES.filter(not("success")).map((from) => byOperator(from, "success", "it was marked as success")),
  ...TASK_RUN_STATES.filter(not("failed")).map((from) => byOperator(from, "failed", "it was marked as failed")),
  ...TASK_RUN_STATES.filter(isFinished).map((from) => byOperator(from, "scheduled", "it was cleared")),
];

const NO_ROOM = "task runs of it were cleared, and its pipeline has no room for another run";

/** Every change of a run's state that can ever happen (ST-2). */
export const RUN_EDGES: readonly Edge<RunState>[] = [
  byRunEngine("queued", "running", "its pipeline has room for another run"),
  byRunEngine("running", "queued", "all that is open in it waits, so it gives its place to another run"),
  byRunEngine("running", "success", "all its task runs are finished and none failed that counts"),
  byRunEngine("running", "failed", "all its task runs are finished and one failed that counts"),
  byRunOperator("queued", "cancelled", "it was cancelled while it waited for its place"),
  byRunOperator(
    "queued",
    "cancelling",
    "it was cancelled or marked as failed, and what it has set up is still to be taken away",
  ),
  byRunEngine("queued", "failed", "its time was up while it waited for its place"),
  byRunOperator("running", "cancelled", "it was cancelled while no attempt was running"),
  byRunOperator(
    "running",
    "cancelling",
    "it was cancelled or marked as failed, and what runs or is set up is still to end",
  ),
  byRunEngine("running", "cancelling", "its time was up, or its first failure is to end it"),
  byRunEngine("cancelling", "cancelled", "its last attempt has ended"),
  byRunEngine(
    "cancelling",
    "failed",
    "its time was up, it was marked as failed, or nothing in it could ever happen again",
  ),
  byRunOperator("success", "running", "task runs of it were cleared"),
  byRunOperator("failed", "running", "task runs of it were cleared"),
  byRunOperator("cancelled", "running", "task runs of it were cleared"),
  ...RUN_STATES.filter(isRunFinished).map((from) => byRunOperator(from, "queued", NO_ROOM)),
  byRunOperator("success", "failed", "it or task runs of it were marked as failed"),
  byRunOperator("failed", "success", "it or task runs of it were marked as success"),
  byRunOperator("cancelled", "success", "it or task runs of it were marked as success"),
  byRunOperator("cancelled", "failed", "it was marked as failed"),
];

const TASK_RUN_MOVES = movesOf(TASK_RUN_EDGES);
const RUN_MOVES = movesOf(RUN_EDGES);

export function canMove(from: TaskRunState, to: TaskRunState): boolean {
  return TASK_RUN_MOVES.has(`${from} ${to}`);
}

export function canRunMove(from: RunState, to: RunState): boolean {
  return RUN_MOVES.has(`${from} ${to}`);
}

function movesOf<State extends string>(edges: readonly Edge<State>[]): ReadonlySet<string> {
  return new Set(edges.map(({ from, to }) => `${from} ${to}`));
}

function byEngine(from: TaskRunState, to: TaskRunState, why: string): Edge<TaskRunState> {
  return { from, to, by: "engine", why };
}

function byOperator(from: TaskRunState, to: TaskRunState, why: string): Edge<TaskRunState> {
  return { from, to, by: "operator", why };
}

function byRunEngine(from: RunState, to: RunState, why: string): Edge<RunState> {
  return { from, to, by: "engine", why };
}

function byRunOperator(from: RunState, to: RunState, why: string): Edge<RunState> {
  return { from, to, by: "operator", why };
}

function not(state: TaskRunState): (other: TaskRunState) => boolean {
  return (other) => other !== state;
}
