import type { Json } from "../json.ts";
import { BatutaError } from "../problem.ts";
import { COMPARISONS, type Comparison, type EventCondition, type EventFilter } from "../trigger/event-filter.ts";

/** What a sensor of events is configured with, its templates filled in. */
export function awaitedEvent(config: Json): { readonly name: string; readonly filter: EventFilter } {
  const { name, key, where = [] } = isRecord(config) ? config : {};
  if (typeof name !== "string" || !Array.isArray(where)) {
    throw new BatutaError("invalid_definition", `${JSON.stringify(config)} names no event to wait for.`);
  }
  // A key that is a single placeholder has become whatever stood there.
  const asked = key === undefined ? {} : { key: typeof key === "string" ? key : JSON.stringify(key) };
  return { name, filter: { ...asked, where: where.flatMap((one: Json) => conditionOf(one) ?? []) } };
}

function conditionOf(given: Json): EventCondition | undefined {
  const { path, is, value } = isRecord(given) ? given : {};
  if (typeof path !== "string" || value === undefined || !isComparison(is)) return undefined;
  return { path, is, value };
}

function isComparison(given: Json | undefined): given is Comparison {
  return COMPARISONS.some((known) => known === given);
}

function isRecord(value: Json): value is { readonly [name: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
