import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { PipelineName } from "./rows.ts";
import type { Reader } from "./transaction.ts";

/**
 * What the tasks of a pipeline took in its last successful runs, on average, by name of the task: versions may number it
 * differently. An item of a map counts as one.
 */
export async function taskDurations(
  rows: Reader,
  pipelines: CompiledPipelines,
  name: PipelineName,
): Promise<ReadonlyMap<string, number>> {
  const took = new Map<string, number>();
  // The newest last, so that it stands.
  for (const { versionHash, taskIndex, durationMs } of await rows.taskDurations(name, RUNS_LOOKED_AT)) {
    const { spec } = await pipelines.get(rows, versionHash, name.pipeline);
    const task = spec.tasks[taskIndex];
    if (task !== undefined) took.set(task.name, durationMs);
  }
  return took;
}

const RUNS_LOOKED_AT = 5;
