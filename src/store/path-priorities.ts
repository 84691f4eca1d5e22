import { criticalPathShares } from "../core/critical-path.ts";
import type { CompiledPipeline, CompiledPipelines } from "./compiled-pipelines.ts";
import type { PipelineName } from "./rows.ts";
import { taskDurations } from "./task-durations.ts";
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
  const took = await taskDurations(rows, pipelines, name);
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
