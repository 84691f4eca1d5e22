import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import { drawPipeline } from "../workload/draw-pipeline.ts";
import { Dice } from "../world/dice.ts";

const PIPELINES_MAX = 3;
const SLOTS_MAX = 3;

/** The one that tasks share. */
const POOL = "pool";

/** What one history is about. What its actors do they draw as they go: it depends on what they hold by then. */
export interface HistoryPlan {
  readonly seed: number;
  readonly pipelines: readonly PipelineSpec[];
  /** What the project says of its pool. */
  readonly limits: ProjectLimits;
  readonly workers: number;
  /** Between two of them everything rests, and is checked. */
  readonly beats: number;
  /** Of each actor in each beat. */
  readonly steps: number;
}

/** By its seed alone. */
export function drawHistory(seed: number): HistoryPlan {
  const dice = new Dice(seed).split("history");
  return {
    seed,
    pipelines: Array.from({ length: dice.int(1, PIPELINES_MAX) }, (_, index) =>
      drawContested(`pipeline_${index}`, dice.split(index)),
    ),
    limits: { pools: { [POOL]: dice.split(POOL).int(1, SLOTS_MAX) } },
    workers: dice.int(2, 4),
    beats: dice.int(2, 4),
    steps: dice.int(6, 14),
  };
}

/** A graph of the simulator's kind with few places for many, and without anything that takes its time. */
function drawContested(name: string, dice: Dice): PipelineSpec {
  const pipeline = drawPipeline(name, ["default"], dice);
  return {
    ...pipeline,
    maxRuns: dice.int(1, 6),
    ...(dice.chance(0.3) ? { failFast: true as const } : {}),
    ...(dice.chance(0.4) ? { concurrency: dice.int(1, 3) } : {}),
    ...(dice.chance(0.4) ? { runConcurrency: dice.int(1, 2) } : {}),
    tasks: pipeline.tasks.map((task) => atOnce(task, dice.split(task.name))),
  };
}

function atOnce({ timeoutMs: _, ...task }: TaskSpec, dice: Dice): TaskSpec {
  const pools = dice.chance(0.3) ? { pools: [{ name: POOL, slots: 1 }] } : {};
  return { ...task, ...pools, retries: { ...task.retries, delay: { kind: "fixed", ms: 0 }, jitter: 0 } };
}
