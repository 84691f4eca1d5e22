import type { LaneKey } from "../core/lane.ts";
import type { TaskSpec } from "../core/manifest.ts";

/** The lane in which a ready task run waits: everything that limits it. */
export function laneOf(run: { readonly project: string; readonly pipeline: string }, task: TaskSpec): LaneKey {
  const { queue, priority, name, concurrency } = task;
  const limit = concurrency === undefined ? {} : { task: name, taskConcurrency: concurrency };
  return { project: run.project, queue, priority, pipeline: run.pipeline, ...limit };
}
