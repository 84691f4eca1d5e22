/**
 * Everything that limits a ready task run. Task runs with equal keys wait in one lane, so a claim costs as many steps
 * as there are lanes, however many wait in them.
 */
export interface LaneKey {
  readonly project: string;
  readonly queue: string;
  readonly priority: number;
  readonly pipeline: string;
  /** Named when the task has a limit of its own. */
  readonly task?: string;
  /** That limit. */
  readonly taskConcurrency?: number;
}

/** A lane as the claim sees it. */
export interface LaneView {
  readonly id: number;
  readonly key: LaneKey;
  /** Ready task runs; exact up to the number of slots asked for, which is all the plan needs. */
  readonly waiting: number;
  /** Live leases. */
  readonly running: number;
  /** Rotation: the lane served longest ago has the smallest number. */
  readonly servedAt: number;
}

export interface LaneGrant {
  readonly laneId: number;
  readonly count: number;
}

export interface LanePlan {
  readonly grants: readonly LaneGrant[];
  /** Why the rest of each lane waits. */
  readonly held: readonly { readonly laneId: number; readonly reason: "no_free_slot" | "task_concurrency" }[];
}
