import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { Dice } from "../world/dice.ts";
import { isRepeated } from "./repeated-tasks.ts";

const PIPELINES = 0.3;
const TASKS = 0.4;
const MS_LEAST = 500;
const MS_MOST = 300_000;

/** In some pipelines runs and tasks are to end by then; nothing comes of it but word that they are late. */
export function withDeadlines(pipeline: PipelineSpec, dice: Dice): PipelineSpec {
  if (!dice.split("has deadlines").chance(PIPELINES)) return pipeline;
  const tasks = pipeline.tasks.map((task) => {
    const own = dice.split(task.name);
    return mayBeLate(task, pipeline) && own.chance(TASKS) ? { ...task, ...drawDeadline(own) } : task;
  });
  return { ...pipeline, tasks, ...(dice.split("of the run").chance(0.6) ? drawDeadline(dice.split("run")) : {}) };
}

/** One task run for each: those of items end together. */
function mayBeLate(task: TaskSpec, pipeline: PipelineSpec): boolean {
  return task.execution.via !== "none" && !isRepeated(task, pipeline);
}

function drawDeadline(dice: Dice): Required<Pick<PipelineSpec, "deadlines">> {
  return { deadlines: [{ kind: "within", ms: dice.span(MS_LEAST, MS_MOST) }] };
}
