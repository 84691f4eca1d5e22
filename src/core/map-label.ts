import type { Json } from "./json.ts";

/** Longer names are cut: they stand in lists. */
const LABEL_LENGTH_MAX = 100;

/** What an item of a map is called: its property at a path such as `customer.name`, or the item itself for `""`. */
export function labelOfItem(item: Json, path: string): string {
  let part: Json | undefined = item;
  for (const name of path === "" ? [] : path.split(".")) {
    part = typeof part === "object" && part !== null && !Array.isArray(part) ? fieldOf(part, name) : undefined;
  }
  const text = typeof part === "string" ? part : part === undefined ? "" : JSON.stringify(part);
  const clean = text.replaceAll("\0", "\u{fffd}").toWellFormed();
  return clean.length <= LABEL_LENGTH_MAX ? clean : `${clean.slice(0, LABEL_LENGTH_MAX - 1)}…`;
}

function fieldOf(record: object, name: string): Json | undefined {
  return Object.hasOwn(record, name) ? (Reflect.get(record, name) as Json | undefined) : undefined;
}
