import type { Json } from "../../../core/json.ts";
import type { EventCondition, EventFilter } from "../../../core/trigger/event-filter.ts";

/** What `key` and `where` say of events whose data has no depth, read from docs/events.md once more. */
export function isMeant({ key, where }: EventFilter, event: { readonly key: string | null; readonly payload: Json }) {
  return (key === undefined || key === event.key) && where.every((condition) => holds(condition, event.payload));
}

function holds({ path, is, value }: EventCondition, payload: Json): boolean {
  const found = (payload as Readonly<Record<string, Json | undefined>>)[path];
  if (is === "exists") return value === (found !== undefined);
  if (is === "in") return (value as readonly Json[]).includes(found ?? null);
  if (is === "eq" || is === "ne") return (found === value) === (is === "eq");
  // Numbers are compared with numbers alone.
  if (typeof found !== "number" || typeof value !== "number" || found === value)
    return is.endsWith("e") && found === value;
  return found > value === is.startsWith("g");
}
