import type { Json } from "../../../core/json.ts";
import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
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

/** What is said before the work; nothing but `go_on` lets it begin. */
export type Answer = "go_on" | "not_to_run" | "done" | "throws";

/** What one attempt does. */
export interface Behaviour {
  readonly ending: Ending;
  readonly startsAfterMs: number;
  readonly durationMs: number;
  /** From SIGTERM to its end; null = it ignores that. */
  readonly stopsAfterMs: number | null;
  /** To whoever asks first. */
  readonly answer: Answer;
  /** What its key function says: another run may say the same. */
  readonly cacheKey: string;
  /** What it decides, or the list it gives; undefined = a value that names the attempt. */
  readonly value: Json | undefined;
  /** How much it reads of its source, where it has a cursor; undefined = it says nothing of that. */
  readonly batch: number | undefined;
}

const START_MS_MAX = 40;
const STOP_MS_MAX = 400;

/** The same for each (run, task, map key, generation, attempt), whoever runs it. */
export function behaviourOf(habits: TaskHabits, order: AttemptOrder, pipeline: PipelineSpec, dice: Dice): Behaviour {
  const { runId, task, mapKey, generation, attempt } = order;
  const own = dice.split(`${runId}/${task.name}/${mapKey}/${generation}/${attempt}`);
  return {
    ending: own.weighted(habits.endings),
    startsAfterMs: own.fraction() * START_MS_MAX,
    durationMs: own.span(habits.leastMs, habits.mostMs),
    stopsAfterMs: own.chance(habits.stubborn) ? null : own.fraction() * STOP_MS_MAX,
    answer: drawAnswer(task, own.split("answer")),
    cacheKey: dice.split(`${runId}/${task.name}/key`).pick(["one", "other"]),
    value: drawValue(task, pipeline, own.split("value")),
    batch: drawBatch(own.split("batch")),
  };
}

/** Of what is asked first, when that goes wrong. */
export const ASKING_FAILED = "what is asked first threw";

function drawAnswer({ hasRunIf, hasDoneWhen }: TaskSpec, dice: Dice): Answer {
  return dice.weighted({ go_on: 5, not_to_run: hasRunIf ? 1 : 0, done: hasDoneWhen ? 1 : 0, throws: 0.5 });
}

const BATCH_MAX = 20;

/** Some find nothing new, and some leave the cursor alone. */
function drawBatch(dice: Dice): number | undefined {
  return dice.chance(0.1) ? undefined : dice.int(0, BATCH_MAX);
}

const ITEMS_MAX = 3;

function drawValue(task: TaskSpec, pipeline: PipelineSpec, dice: Dice): Json | undefined {
  if (task.decides === "short_circuit") return dice.chance(0.5);
  if (task.decides === "branch") return dice.some(choicesOf(task, pipeline), 0.5);
  if (task.isMapSource === true) return Array.from({ length: dice.int(0, ITEMS_MAX) }, (_, index) => index);
  return undefined;
}

/** Names of what a branch is a gate of, as its author would write them. */
function choicesOf(task: TaskSpec, { tasks }: PipelineSpec): readonly string[] {
  const own = tasks.indexOf(task);
  const prefix = task.name.slice(0, task.name.lastIndexOf(".") + 1);
  const index = own >= 0 ? own : tasks.findIndex(({ name }) => name === task.name);
  const behind = tasks.filter(({ gates, upstream }) => gates?.includes(index) && upstream.includes(index));
  const names = behind.map(({ name }) => name.replace(/\/start$/, "").slice(prefix.length));
  return names.filter((name) => !/[./]/.test(name));
}
