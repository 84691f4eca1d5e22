import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { CacheSpec } from "../../../core/result-cache.ts";
import type { Dice } from "../world/dice.ts";

const TTL_MS_LEAST = 1_000;
const TTL_MS_MOST = 300_000;

/** In some worlds tasks are asked whether they are to run, whether they are done, or whether their result is known. */
export function withQuestions(pipeline: PipelineSpec, dice: Dice): PipelineSpec {
  if (!dice.chance(0.3)) return pipeline;
  const tasks = pipeline.tasks.map((task) => (isPlain(task) ? withQuestion(task, dice.split(task.name)) : task));
  return { ...pipeline, tasks };
}

/** What decides, or gives a list, is to do so in any case. */
function isPlain({ execution, decides, isMapSource }: TaskSpec): boolean {
  return execution.via === "function" && decides === undefined && isMapSource === undefined;
}

function withQuestion(task: TaskSpec, dice: Dice): TaskSpec {
  return {
    ...task,
    ...(dice.chance(0.25) ? { hasRunIf: true as const } : {}),
    ...(dice.chance(0.25) ? { hasDoneWhen: true } : {}),
    ...(dice.chance(0.4) ? { cache: drawCache(dice.split("cache")) } : {}),
  };
}

function drawCache(dice: Dice): CacheSpec {
  const key = dice.pick<CacheSpec["key"]>(["inputs", "function", ["ds"]]);
  return { key, ...(dice.chance(0.5) ? { ttlMs: dice.span(TTL_MS_LEAST, TTL_MS_MOST) } : {}) };
}
