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

/** One allowed change of state, and what brings it about. */
export interface Edge<State> {
  readonly from: State;
  readonly to: State;
  readonly why: string;
}

/** Every other edge to these two says itself why it exists; a mark can take them from anywhere. */
const MARKS: Partial<Record<TaskRunState, readonly TaskRunState[]>> = {
  success: ["queued", "retrying", "failed", "upstream_failed", "skipped", "cancelled", "removed"],
  failed: ["scheduled", "retrying", "success", "upstream_failed", "skipped", "cancelled", "removed"],
};

const UNFINISHED: readonly TaskRunState[] = ["scheduled", "queued", "running", "retrying", "deferred"];
const FINISHED: readonly TaskRunState[] = ["success", "failed", "upstream_failed", "skipped", "cancelled", "removed"];

/** The only changes a task run can make; anything else is refused (ST-2, ST-6). */
export const TASK_RUN_EDGES: readonly Edge<TaskRunState>[] = [
  ...edges("scheduled", {
    queued: "trigger rule",
    skipped: "trigger rule",
    upstream_failed: "trigger rule",
    deferred: "sensor",
    success: "cache, `doneWhen`, expanded map",
  }),
  ...edges("queued", {
    running: "claim",
    scheduled: "an upstream was cleared",
    failed: "cannot start",
  }),
  ...edges("running", {
    success: "the attempt succeeded",
    failed: "the attempt failed and none is left",
    skipped: "`skip()` or the skip exit code",
    retrying: "the attempt failed or was lost, and another is left",
    deferred: "waits for time, an event or a person",
  }),
  ...edges("retrying", { queued: "the back-off is over" }),
  ...edges("deferred", {
    queued: "what it waited for has come",
    success: "the sensor gave its value",
    failed: "time-out of the wait",
    skipped: "time-out of the wait, when asked",
  }),
  ...UNFINISHED.flatMap((from) => edges(from, { cancelled: "cancel", removed: "its map index or task vanished" })),
  ...[...UNFINISHED, ...FINISHED].flatMap(markEdges),
  ...FINISHED.flatMap((from) => edges(from, { scheduled: "clear" })),
];

export const RUN_EDGES: readonly Edge<RunState>[] = [
  { from: "queued", to: "running", why: "a run slot is free" },
  { from: "running", to: "queued", why: "every open task run waits: the run slot is given back" },
  { from: "queued", to: "cancelled", why: "cancel" },
  { from: "running", to: "success", why: "all task runs have finished" },
  { from: "running", to: "failed", why: "all task runs have finished, and one that counts has failed" },
  { from: "running", to: "cancelled", why: "cancel, nothing was running" },
  { from: "running", to: "cancelling", why: "cancel, something is running" },
  { from: "cancelling", to: "cancelled", why: "nothing runs any more" },
  { from: "success", to: "running", why: "clear" },
  { from: "failed", to: "running", why: "clear" },
  { from: "cancelled", to: "running", why: "clear" },
];

/** Nothing changes it any more but an operator. */
export function isFinished(state: TaskRunState): boolean {
  return FINISHED.includes(state);
}

export function isRunFinished(state: RunState): boolean {
  return state === "success" || state === "failed" || state === "cancelled";
}

export function canMove(from: TaskRunState, to: TaskRunState): boolean {
  return TASK_RUN_EDGES.some((edge) => edge.from === from && edge.to === to);
}

export function canRunMove(from: RunState, to: RunState): boolean {
  return RUN_EDGES.some((edge) => edge.from === from && edge.to === to);
}

function markEdges(from: TaskRunState): Edge<TaskRunState>[] {
  return (["success", "failed"] as const)
    .filter((to) => MARKS[to]?.includes(from))
    .map((to) => ({ from, to, why: "an operator marks it" }));
}

function edges(from: TaskRunState, targets: Partial<Record<TaskRunState, string>>): Edge<TaskRunState>[] {
  return [...UNFINISHED, ...FINISHED].flatMap((to) => {
    const why = targets[to];
    return why === undefined ? [] : [{ from, to, why }];
  });
}
