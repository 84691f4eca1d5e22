import type { PipelineSpec, TaskSpec } from "../../../core/manifest.ts";
import type { Dice } from "../world/dice.ts";
import { drawPipeline } from "./draw-pipeline.ts";
import type { ActionPlan } from "./scenario.ts";

/** Children of children, and never deeper. */
const CHILDREN = ["child_0", "child_1"] as const;
const TASKS_MAX = 3;
const CALLS_MAX = 2;

/** In some worlds a few tasks start runs of other pipelines, which are small. */
export function withChildren(
  pipelines: readonly PipelineSpec[],
  queues: readonly string[],
  dice: Dice,
): readonly PipelineSpec[] {
  if (!dice.chance(0.25)) return pipelines;
  const children: PipelineSpec[] = [];
  for (const name of CHILDREN.slice(0, dice.int(1, CHILDREN.length))) {
    const own = dice.split(name);
    const small = smallPipeline(name, queues, own.split("tasks"));
    children.push(own.chance(0.5) ? withCalls(small, children, own.split("calls")) : small);
  }
  return [...children, ...pipelines.map((one) => withCalls(one, children, dice.split(one.name)))];
}

function smallPipeline(name: string, queues: readonly string[], dice: Dice): PipelineSpec {
  const whole = drawPipeline(name, queues, dice);
  const tasks = whole.tasks.slice(0, TASKS_MAX);
  return { ...whole, tasks, ...(dice.chance(0.7) ? { result: dice.int(0, tasks.length - 1) } : {}) };
}

function withCalls(pipeline: PipelineSpec, children: readonly PipelineSpec[], dice: Dice): PipelineSpec {
  if (children.length === 0) return pipeline;
  const calling = new Set(dice.some(pipeline.tasks.filter(mayCall), 0.3).slice(0, CALLS_MAX));
  const tasks = pipeline.tasks.map((task) =>
    calling.has(task) ? caller(task, dice.pick(children), dice.split(task.name)) : task,
  );
  return { ...pipeline, tasks };
}

/** What decides, or gives a list, needs a value of its own. */
function mayCall({ execution, decides, isMapSource }: TaskSpec): boolean {
  return execution.via === "function" && decides === undefined && isMapSource === undefined;
}

function caller({ timeoutMs: _, ...task }: TaskSpec, { name }: PipelineSpec, dice: Dice): TaskSpec {
  return { ...task, kind: "child", execution: { via: "pipeline", pipeline: name, params: {}, wait: dice.chance(0.8) } };
}

/** How a person meddles with the runs that others have started, whatever these are called. */
export function drawChildOperations(
  creations: readonly ActionPlan[],
  pipelines: readonly PipelineSpec[],
  dice: Dice,
): readonly ActionPlan[] {
  return creations.flatMap((creation): readonly ActionPlan[] => {
    const own = dice.split(creation.name);
    const parent = pipelines.find(({ name }) => "pipeline" in creation && name === creation.pipeline);
    const calls = parent?.tasks.flatMap(({ execution }) => (execution.via === "pipeline" ? [execution.pipeline] : []));
    if (creation.kind !== "create" || calls === undefined || calls.length === 0 || !own.chance(0.5)) return [];
    const called = own.pick(calls);
    const tasks = pipelines.find(({ name }) => name === called)?.tasks ?? [];
    const kind = own.pick(["cancel", "retry", "clear", "mark"] as const);
    const run = `${creation.run}${NEWEST_CHILD}`;
    const common = { name: `${kind}-child-of-${creation.run}`, run, atMs: creation.atMs + own.span(10, 100_000) };
    const task = own.pick(tasks).name;
    if (kind === "cancel") return [{ ...common, kind }];
    if (kind === "retry") return [{ ...common, kind, which: own.pick(["all", "failed"] as const) }];
    if (kind === "clear") return [{ ...common, kind, task, upstream: false, downstream: own.chance(0.5) }];
    return [{ ...common, kind, as: own.pick(["success", "failed"] as const) }];
  });
}

/** After the name of a run: the one that it has started last. */
export const NEWEST_CHILD = "/newest-child";
