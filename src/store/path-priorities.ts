import { criticalPathShares } from "../core/critical-path.ts";
import type { CompiledPipeline, CompiledPipelines } from "./compiled-pipelines.ts";
import type { PipelineName } from "./rows.ts";
import type { Reader } from "./transaction.ts";

/**
 * Priorities by task for a new run of a pipeline, where tasks go by the way that is left after them (CC-3); undefined
 * where none does. From what the last successful runs took: a hint that need not be exact, so it is read beforehand.
 */
export async function pathPriorities(
  rows: Reader,
  pipelines: CompiledPipelines,
  name: PipelineName,
  { spec, graph }: CompiledPipeline,
): Promise<readonly number[] | undefined> {
  if (!spec.tasks.some(({ priorityBy }) => priorityBy === "critical_path")) return undefined;
  const took = await durations(rows, pipelines, name);
  const shares = criticalPathShares(
    spec.tasks.map((task, index) => {
      const durationMs = task.execution.via === "none" ? 0 : took.get(task.name);
      return { followers: graph.followers[index] ?? [], ...(durationMs === undefined ? {} : { durationMs }) };
    }),
  );
  return spec.tasks.map(({ priority, priorityBy }, index) =>
    priorityBy === "critical_path" ? priority + (shares[index] ?? 0) : priority,
  );
}

/** By name of the task: versions may number it differently. */
async function durations(
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
