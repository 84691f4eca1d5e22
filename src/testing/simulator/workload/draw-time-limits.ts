import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { Dice } from "../world/dice.ts";

const RUN_TIMEOUT_MS_LEAST = 1_000;
const RUN_TIMEOUT_MS_MOST = 300_000;
const CLEANUP_MS_LEAST = 100;
const CLEANUP_MS_MOST = 60_000;
const TOTAL_TIMEOUT_MS_LEAST = 500;
const TOTAL_TIMEOUT_MS_MOST = 120_000;

/** What a pipeline says of when its runs and tasks are to end before their time; each in some worlds only. */
export function withTimeLimits(pipeline: PipelineSpec, dice: Dice): PipelineSpec {
  const hasTotals = dice.split("totals").chance(0.3);
  const tasks = pipeline.tasks.map((task) => (hasTotals ? withTotalTimeout(task, dice.split(task.name)) : task));
  return {
    ...pipeline,
    tasks,
    ...(dice.split("pauses").chance(0.15) ? { pauseAfterFailures: dice.split("failures").int(1, 3) } : {}),
    ...(dice.split("fail fast").chance(0.25) ? { failFast: true as const } : {}),
    ...limit("runTimeoutMs", 0.3, [RUN_TIMEOUT_MS_LEAST, RUN_TIMEOUT_MS_MOST], dice),
    ...limit("cleanupTimeoutMs", 0.4, [CLEANUP_MS_LEAST, CLEANUP_MS_MOST], dice),
  };
}

/** Junctions are decided at once and take no time. */
function withTotalTimeout(task: TaskSpec, dice: Dice): TaskSpec {
  if (task.execution.via === "none") return task;
  return { ...task, ...limit("totalTimeoutMs", 0.5, [TOTAL_TIMEOUT_MS_LEAST, TOTAL_TIMEOUT_MS_MOST], dice) };
}

function limit<Name extends string>(
  name: Name,
  chance: number,
  [leastMs, mostMs]: readonly [number, number],
  of: Dice,
): { readonly [name in Name]?: number } {
  const dice = of.split(name);
  const chosen: { [name in Name]?: number } = {};
  if (dice.chance(chance)) chosen[name] = dice.span(leastMs, mostMs);
  return chosen;
}
