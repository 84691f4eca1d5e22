import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";

/**
 * A pipeline as it is run ahead of time: its order, limits, time-outs and deadlines, and nothing that only its code or
 * its data could decide. Every task succeeds; a map is one task, branches let all through, sensors find what they wait
 * for.
 */
export function foreseenPipeline({ pauseAfterFailures: _, groups, ...pipeline }: PipelineSpec): PipelineSpec {
  return {
    ...pipeline,
    tasks: pipeline.tasks.map(foreseenTask),
    ...(groups === undefined ? {} : { groups: groups.map(({ map: _map, retries: _retries, ...group }) => group) }),
  };
}

function foreseenTask(task: TaskSpec): TaskSpec {
  const { map: _map, isMapSource: _source, decides: _decides, cache: _cache, ...rest } = task;
  const { hasRunIf: _runIf, doneWhenAsset: _asset, ...plain } = rest;
  const { via } = task.execution;
  const execution = via === "none" || via === "pipeline" ? task.execution : ({ via: "function" } as const);
  return { ...plain, execution, input: {}, hasDoneWhen: false, hasRetryCode: false };
}
