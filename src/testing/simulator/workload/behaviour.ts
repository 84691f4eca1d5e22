import type { AttemptOrder } from "../../../execution/executor.ts";
import type { Dice } from "../world/dice.ts";

/** How an attempt ends if nobody stops it. */
export type Ending = "success" | "empty" | "fail" | "fatal" | "skip" | "exit" | "hang";

/** How likely each ending is for an attempt of one task, and how long its attempts take. */
export interface TaskHabits {
  readonly endings: Readonly<Record<Ending, number>>;
  readonly leastMs: number;
  readonly mostMs: number;
  /** Probability that an attempt ignores SIGTERM, so that it must be killed. */
  readonly stubborn: number;
}

/** What one attempt does. */
export interface Behaviour {
  readonly ending: Ending;
  readonly startsAfterMs: number;
  readonly durationMs: number;
  /** From SIGTERM to its end; null = it ignores that. */
  readonly stopsAfterMs: number | null;
}

const START_MS_MAX = 40;
const STOP_MS_MAX = 400;

/** The same for each (run, task, map key, generation, attempt), whoever runs it. */
export function behaviourOf(habits: TaskHabits, order: AttemptOrder, dice: Dice): Behaviour {
  const { runId, task, mapKey, generation, attempt } = order;
  const own = dice.split(`${runId}/${task.name}/${mapKey}/${generation}/${attempt}`);
  return {
    ending: own.weighted(habits.endings),
    startsAfterMs: own.fraction() * START_MS_MAX,
    durationMs: own.span(habits.leastMs, habits.mostMs),
    stopsAfterMs: own.chance(habits.stubborn) ? null : own.fraction() * STOP_MS_MAX,
  };
}
