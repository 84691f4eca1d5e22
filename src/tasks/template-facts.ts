import type { Json } from "../core/json.ts";
import { type TemplateScope, templateScope } from "../core/template.ts";
import type { ItemContext } from "../sdk/map-options.ts";
import type { TaskContext } from "../sdk/task-context.ts";

/**
 * The names that templates know in kinds that run as functions: those of every template, `input`, and what JavaScript
 * put in by `${…}`.
 */
export function templateNames(context: TaskContext, values: Readonly<Record<string, Json>> = {}): TemplateScope {
  const { interval, timezone, ds, run, task, attempt } = context;
  const { item, index } = itemOf(context);
  const facts = {
    interval: { start: interval.start.getTime(), end: interval.end.getTime() },
    timezone,
    ds,
    params: asJson(context.params),
    run,
    task: task.name,
    attempt,
    ...(item === undefined ? {} : { item: asJson(item) }),
    ...(index === undefined ? {} : { index }),
  };
  return { ...templateScope(facts), input: asJson(context.input), ...values };
}

/** The context of a mapped task has two things more; its kind does not know whether it is in one. */
function itemOf(context: TaskContext & Partial<ItemContext>): Partial<ItemContext> {
  return context;
}

/** Parameters and inputs have crossed a process border as JSON; a context made by hand for a test is made to. */
function asJson(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? {}));
}
