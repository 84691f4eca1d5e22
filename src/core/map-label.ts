import type { Json } from "./json.ts";

/** Longer names are cut: they stand in lists. */
const LABEL_LENGTH_MAX = 100;

/**
 * What an item of a map is called: its property at a path such as `customer.name`, or the item itself for `""`. Cut
 * shorter than others where `lengthMax` says so.
 */
export function labelOfItem(item: Json, path: string, lengthMax = LABEL_LENGTH_MAX): string {
  let part: Json | undefined = item;
  for (const name of path === "" ? [] : path.split(".")) {
    part = typeof part === "object" && part !== null && !Array.isArray(part) ? fieldOf(part, name) : undefined;
  }
  const text = typeof part === "string" ? part : part === undefined ? "" : JSON.stringify(part);
  const clean = text.replaceAll("\0", "\u{fffd}").toWellFormed();
  const most = Math.min(lengthMax, LABEL_LENGTH_MAX);
  return clean.length <= most ? clean : `${clean.slice(0, most - 1)}…`;
}

function fieldOf(record: object, name: string): Json | undefined {
  return Object.hasOwn(record, name) ? (Reflect.get(record, name) as Json | undefined) : undefined;
}
