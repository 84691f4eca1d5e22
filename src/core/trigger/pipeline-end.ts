import type { DataInterval, Instant } from "../instant.ts";
import type { Json } from "../json.ts";

/**
 * The interval of the run whose end an event tells; the moment of its end where the event does not say. The store writes
 * such an event in the transaction that ends the run: `{ run, pipeline, state, interval: { start, end }, ds, timezone }`.
 */
export function intervalOfEnd({ at, payload }: { readonly at: Instant; readonly payload: Json }): DataInterval {
  const interval = fieldOf(payload, "interval");
  const [start, end] = ["start", "end"].map((name) => new Date(String(fieldOf(interval, name))).getTime());
  return start !== undefined && end !== undefined && start <= end ? { start, end } : { start: at, end: at };
}

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return (value as { readonly [key: string]: Json | undefined })[name];
}
