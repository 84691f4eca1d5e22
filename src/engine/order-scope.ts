import type { Json } from "../core/json.ts";
import { lastItem } from "../core/map-path.ts";
import type { TemplateScope } from "../core/template.ts";
import { templateScope } from "../core/template-scope.ts";
import type { AttemptOrder, InputValue } from "../execution/executor.ts";

/** The names that templates know which the engine itself renders: those of a task, and its inputs. */
export function orderScope(order: AttemptOrder): TemplateScope {
  const { interval, isPartial, schedule, timezone, ds, lastSuccess, runId, trigger, task, attempt } = order;
  const scope = templateScope({
    ...{ interval, isPartial, schedule, timezone, ds, params: order.params, lastSuccess },
    ...{ run: { id: runId, pipeline: order.pipeline, trigger }, task: task.name, attempt },
  });
  return { ...scope, ...itemOf(order), input: inputsOf(order.input) };
}

/** Of a task that is mapped: what this one is for. */
function itemOf({ item, mapKey }: AttemptOrder): TemplateScope {
  const index = lastItem(mapKey);
  if (index === undefined) return {};
  return item?.kind === "inline" ? { item: JSON.parse(item.json) as Json, index } : { index };
}

/** Values that are kept with the run; larger ones are nothing to put into a text. */
function inputsOf(input: Readonly<Record<string, InputValue>>): Json {
  const values: Record<string, Json> = {};
  for (const [name, { value }] of Object.entries(input)) {
    if (value?.kind === "inline") values[name] = JSON.parse(value.json) as Json;
  }
  return values;
}
