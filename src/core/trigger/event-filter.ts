import { canonicalJson } from "../canonical-json.ts";
import type { Json } from "../json.ts";

/** Which events of a name are meant: plain data, so that whoever has an event can decide. */
export interface EventFilter {
  readonly key?: string;
  /** All of them hold. */
  readonly where: readonly EventCondition[];
}

export interface EventCondition {
  /** Dotted path in the payload; items of lists by number: `items.0.sku`. */
  readonly path: string;
  readonly is: Comparison;
  readonly value: Json;
}

export const COMPARISONS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "exists"] as const;

export type Comparison = (typeof COMPARISONS)[number];

export interface FilteredEvent {
  readonly key?: string;
  readonly payload: Json;
}

export function matchesEvent({ key, where }: EventFilter, event: FilteredEvent): boolean {
  if (key !== undefined && event.key !== key) return false;
  return where.every(({ path, is, value }) => HOLDS[is](valueAt(event.payload, path), value));
}

const HOLDS: Readonly<Record<Comparison, (found: Json | undefined, value: Json) => boolean>> = {
  eq: isEqual,
  ne: (found, value) => !isEqual(found, value),
  gt: (found, value) => inOrder(found, value, (one, other) => one > other),
  gte: (found, value) => inOrder(found, value, (one, other) => one >= other),
  lt: (found, value) => inOrder(found, value, (one, other) => one < other),
  lte: (found, value) => inOrder(found, value, (one, other) => one <= other),
  in: (found, value) => Array.isArray(value) && value.some((one: Json) => isEqual(found, one)),
  exists: (found, value) => (found !== undefined) === value,
};

function valueAt(payload: Json, path: string): Json | undefined {
  let found: Json | undefined = payload;
  for (const name of path.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Array.isArray(found) ? found[Number(name)] : (found as { readonly [key: string]: Json | undefined })[name];
  }
  return found;
}

function isEqual(found: Json | undefined, value: Json): boolean {
  if (found === undefined) return false;
  if (typeof found !== "object" || typeof value !== "object") return found === value;
  return canonicalJson(found) === canonicalJson(value);
}

/** Only numbers have an order among each other, and only texts; a date is a text that is written big end first. */
function inOrder(
  found: Json | undefined,
  value: Json,
  holds: (one: number | string, other: number | string) => boolean,
): boolean {
  if (typeof found === "number" && typeof value === "number") return holds(found, value);
  return typeof found === "string" && typeof value === "string" && holds(found, value);
}
