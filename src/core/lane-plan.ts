import type { LaneGrant, LaneKey, LanePlan, LaneView } from "./lane.ts";

/**
 * Says how many task runs to take from each lane, and why the rest wait. Higher priority goes first; at equal priority
 * pipelines take turns, one task run each, beginning with the one served longest ago, and within a pipeline its lanes
 * take turns the same way (CC-2). A limit of a task holds over all lanes of that task, so pass those that are empty too
 * when something of them is running. Grants come in the order of service: the caller numbers `servedAt` by it.
 */
export function planClaims(lanes: readonly LaneView[], slots: number): LanePlan {
  const taskUse = new TaskUse(lanes);
  const granted = new Map<number, number>();
  let free = slots;
  for (const level of byPriority(lanes)) {
    free = grantInTurns(level, free, (lane) => {
      const count = granted.get(lane.id) ?? 0;
      if (count >= lane.waiting || taskUse.isFull(lane.key)) return false;
      granted.set(lane.id, count + 1);
      taskUse.add(lane.key);
      return true;
    });
  }
  return { grants: grantsOf(granted), held: heldLanes(lanes, granted, taskUse) };
}

/** Running attempts of each task that has a limit, over all its lanes. */
class TaskUse {
  readonly #running = new Map<string, number>();

  constructor(lanes: readonly LaneView[]) {
    for (const { key, running } of lanes) this.add(key, running);
  }

  add(key: LaneKey, count = 1): void {
    if (key.task === undefined) return;
    const id = taskId(key);
    this.#running.set(id, (this.#running.get(id) ?? 0) + count);
  }

  isFull(key: LaneKey): boolean {
    if (key.task === undefined || key.taskConcurrency === undefined) return false;
    return (this.#running.get(taskId(key)) ?? 0) >= key.taskConcurrency;
  }
}

/** Gives one slot at a time, pipeline after pipeline, until slots or work run out. Answers the slots left. */
function grantInTurns(lanes: readonly LaneView[], slots: number, grant: (lane: LaneView) => boolean): number {
  let free = slots;
  let turns = pipelinesInTurn(lanes);
  while (free > 0 && turns.length > 0) {
    const again: LaneView[][] = [];
    for (const pipeline of turns) {
      if (free === 0) break;
      const lane = nextLane(pipeline, grant);
      if (lane === undefined) continue;
      free -= 1;
      pipeline.push(lane);
      again.push(pipeline);
    }
    turns = again;
  }
  return free;
}

/** The first lane of the pipeline that can take a slot; those that cannot are dropped: nothing frees them here. */
function nextLane(pipeline: LaneView[], grant: (lane: LaneView) => boolean): LaneView | undefined {
  for (let lane = pipeline.shift(); lane !== undefined; lane = pipeline.shift()) {
    if (grant(lane)) return lane;
  }
  return undefined;
}

/** Lanes of each pipeline, longest ago first; a pipeline was served when the last of its lanes was. */
function pipelinesInTurn(lanes: readonly LaneView[]): LaneView[][] {
  const oldestFirst = [...lanes].sort((one, other) => one.servedAt - other.servedAt || one.id - other.id);
  const pipelines = Map.groupBy(oldestFirst, ({ key }) => JSON.stringify([key.project, key.pipeline]));
  return [...pipelines.values()].sort((one, other) => lastServed(one) - lastServed(other));
}

function lastServed(pipeline: readonly LaneView[]): number {
  return pipeline.at(-1)?.servedAt ?? 0;
}

function byPriority(lanes: readonly LaneView[]): readonly (readonly LaneView[])[] {
  const levels = Map.groupBy(lanes, ({ key }) => key.priority);
  return [...levels].sort(([one], [other]) => other - one).map(([, level]) => level);
}

function grantsOf(granted: ReadonlyMap<number, number>): readonly LaneGrant[] {
  return [...granted].map(([laneId, count]) => ({ laneId, count }));
}

function heldLanes(lanes: readonly LaneView[], granted: ReadonlyMap<number, number>, use: TaskUse): LanePlan["held"] {
  return lanes
    .filter((lane) => lane.waiting > (granted.get(lane.id) ?? 0))
    .map((lane) => ({ laneId: lane.id, reason: use.isFull(lane.key) ? "task_concurrency" : "no_free_slot" }));
}

function taskId({ project, pipeline, task }: LaneKey): string {
  return JSON.stringify([project, pipeline, task]);
}
