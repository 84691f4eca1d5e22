import type { DataInterval } from "../core/instant.ts";
import type { IntervalNeighbours } from "../core/interval-neighbours.ts";
import type { Json } from "../core/json.ts";
import type { PastSuccess } from "../core/past-success.ts";
import type { StepView, SuccessView } from "../core/task-context.ts";
import type { TemplateScope } from "../core/template.ts";
import { templateScope } from "../core/template-scope.ts";
import type { ItemContext } from "../sdk/map-options.ts";
import type { TaskContext } from "../sdk/task-context.ts";

/**
 * The names that templates know in kinds that run as functions: those of every template, `input`, and what JavaScript
 * put in by `${…}`.
 */
export function templateNames(context: TaskContext, values: Readonly<Record<string, Json>> = {}): TemplateScope {
  const { interval, timezone, ds, run, prev, next, task, attempt } = context;
  const { item, index } = itemOf(context);
  const facts = {
    interval: instants(interval),
    ...(interval.partial ? { isPartial: true as const } : {}),
    timezone,
    ds,
    params: asJson(context.params),
    run,
    ...(run.schedule === undefined ? {} : { schedule: { name: run.schedule, timezone } }),
    neighbours: { ...neighbour("prev", prev), ...neighbour("next", next) },
    ...(prev.success === undefined ? {} : { lastSuccess: pastSuccess(prev.success) }),
    task: task.name,
    attempt,
    ...(item === undefined ? {} : { item: asJson(item) }),
    ...(index === undefined ? {} : { index }),
  };
  return { ...templateScope(facts), input: asJson(context.input), ...values };
}

function neighbour(name: "prev" | "next", { interval, ds }: StepView): IntervalNeighbours {
  return interval === undefined || ds === undefined ? {} : { [name]: { interval: instants(interval), ds } };
}

function pastSuccess(success: SuccessView): PastSuccess {
  const { runId, ds, startedAt, finishedAt } = success;
  return { runId, interval: instants(success), ds, startedAt: startedAt.getTime(), finishedAt: finishedAt.getTime() };
}

function instants({ start, end }: { readonly start: Date; readonly end: Date }): DataInterval {
  return { start: start.getTime(), end: end.getTime() };
}

/** The context of a mapped task has two things more; its kind does not know whether it is in one. */
function itemOf(context: TaskContext & Partial<ItemContext>): Partial<ItemContext> {
  return context;
}

/** Parameters and inputs have crossed a process border as JSON; a context made by hand for a test is made to. */
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? {}));
}
