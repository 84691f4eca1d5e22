import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { Dice } from "../world/dice.ts";
import { isRepeated } from "./repeated-tasks.ts";
import type { ActionPlan } from "./scenario.ts";
import { BEGINNING } from "./source-place.ts";

const PIPELINES = 0.35;
const TASKS = 0.5;
const CURSORS = ["one", "one", "other"] as const;
const SETTINGS_MAX = 3;
const PLACE_MOST = 200;

/** In some pipelines tasks read a source on from where the last success has left it. */
export function withCursors(pipeline: PipelineSpec, dice: Dice): PipelineSpec {
  if (!dice.split("has cursors").chance(PIPELINES)) return pipeline;
  const tasks = pipeline.tasks.map((task) => {
    const own = dice.split(task.name);
    if (!mayRead(task, pipeline) || !own.chance(TASKS)) return task;
    return { ...task, cursor: { name: own.pick(CURSORS), initial: { ...BEGINNING } } };
  });
  return { ...pipeline, tasks };
}

/** Others would be an error when the pipeline is loaded. */
function mayRead(task: TaskSpec, pipeline: PipelineSpec): boolean {
  return task.execution.via === "function" && task.cache === undefined && !isRepeated(task, pipeline);
}

/** People who let sources be read again, or leave out some of them, while they are read. */
export function drawCursorSettings(
  pipelines: readonly PipelineSpec[],
  chaosMs: number,
  dice: Dice,
): readonly ActionPlan[] {
  const cursors = pipelines.flatMap(({ name, tasks }) =>
    [...new Set(tasks.flatMap(({ cursor }) => cursor?.name ?? []))].map((cursor) => ({ pipeline: name, cursor })),
  );
  return cursors.flatMap(({ pipeline, cursor }): readonly ActionPlan[] => {
    const own = dice.split(`${pipeline}/${cursor}`);
    if (!own.chance(0.4)) return [];
    return Array.from({ length: own.int(1, SETTINGS_MAX) }, (_, index) => ({
      ...{ kind: "set_cursor", name: `set_cursor-${pipeline}-${cursor}-${index}`, run: "", pipeline, cursor },
      ...{ atMs: own.int(0, chaosMs), to: own.int(0, PLACE_MOST) },
    }));
  });
}
