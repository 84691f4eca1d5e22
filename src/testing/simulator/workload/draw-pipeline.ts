import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import { plainTask } from "../../../core/plain-task-for-tests.ts";
import type { RetryDelay, RetryPolicy } from "../../../core/retry-policy.ts";
import { TRIGGER_RULES } from "../../../core/trigger-rule.ts";
import type { Dice } from "../world/dice.ts";
import type { TaskHabits } from "./behaviour.ts";

const TASKS_MAX = 10;
const UPSTREAM_MAX = 4;
const DELAY_MS_MOST = 40_000;
const DURATION_MS_MOST = 40_000;
const LONG_MS = 30_000;
const LOCATION = { file: "pipelines/sim.ts", line: 1 };

/** A random graph; how its tasks behave is drawn apart. */
export function drawPipeline(name: string, queues: readonly string[], dice: Dice): PipelineSpec {
  const count = dice.int(1, TASKS_MAX);
  const density = dice.fraction();
  const tasks = Array.from({ length: count }, (_, index) => drawTask(index, queues, density, dice.split(index)));
  return { name, location: LOCATION, tags: [], timezone: "UTC", tasks, graphHash: `graph of ${name}` };
}

function drawTask(index: number, queues: readonly string[], density: number, dice: Dice): TaskSpec {
  const earlier = Array.from({ length: index }, (_, at) => at);
  const upstream = dice.some(earlier, density).slice(-UPSTREAM_MAX);
  const input = Object.fromEntries(dice.some(upstream, 0.5).map((up) => [`input_${up}`, up]));
  return plainTask(`task_${index}`, {
    location: LOCATION,
    upstream,
    input,
    when: dice.chance(0.4) ? "all_success" : dice.pick(TRIGGER_RULES),
    retries: drawRetries(dice.split("retries")),
    lostLimit: dice.pick([0, 1, 3, 3, 10]),
    graceMs: dice.pick([0, 200, 5_000]),
    queue: dice.pick(queues),
    priority: dice.pick([0, 0, 0, 5]),
    allowFailure: dice.chance(0.2),
    ...(dice.chance(0.3) ? { concurrency: dice.int(1, 2) } : {}),
    ...(dice.chance(0.4) ? { timeoutMs: dice.span(100, DURATION_MS_MOST) } : {}),
  });
}

function drawRetries(dice: Dice): RetryPolicy {
  if (dice.chance(0.4)) return { limit: 0, delay: { kind: "fixed", ms: 0 }, jitter: 0 };
  return { limit: dice.int(1, 4), delay: drawDelay(dice), jitter: dice.pick([0, 0.1, 1]) };
}

function drawDelay(dice: Dice): RetryDelay {
  const ms = (): number => dice.pick([0, 500, dice.span(1, DELAY_MS_MOST)]);
  switch (dice.pick(["fixed", "list", "exponential"] as const)) {
    case "fixed":
      return { kind: "fixed", ms: ms() };
    case "list":
      return { kind: "list", ms: [ms(), ms()] };
    case "exponential":
      return { kind: "exponential", firstMs: ms(), factor: dice.pick([1, 2, 3]), maxMs: DELAY_MS_MOST };
  }
}

export function drawHabits(task: TaskSpec, dice: Dice): TaskHabits {
  const trouble = dice.pick([0, 0.2, 1, 5]);
  const some = (): number => (dice.chance(0.5) ? trouble * dice.fraction() : 0);
  // Some outlast a lease, so that others may take over while they run.
  const leastMs = dice.chance(0.15) ? LONG_MS : dice.span(1, 1_000);
  return {
    endings: {
      success: 1,
      empty: dice.pick([0, 0, 0.5]),
      fail: some(),
      fatal: some() / 2,
      skip: some() / 2,
      exit: some() / 2,
      // Only a time-out ends it.
      hang: task.timeoutMs === undefined ? 0 : some() / 2,
    },
    leastMs,
    mostMs: leastMs * dice.logUniform(1, DURATION_MS_MOST / 1_000),
    stubborn: dice.pick([0, 0, 0.5]),
  };
}
