import { sha256Hex } from "../../ports/digest.ts";
import type { Statement } from "./connection.ts";

/** One write of several that travel as one statement, with its own parameters `$1`, `$2`, … */
export interface WritePart {
  /** Short: it becomes part of the name under which the whole is prepared. */
  readonly name: string;
  readonly sql: string;
  readonly values: readonly unknown[];
  /** So many rows must have been returned, else the transaction is tried again. */
  readonly expected?: number;
}

/**
 * Makes one statement of several writes: a statement costs the server and us some 50 µs each, more than most of what
 * these do. They touch different rows, so their order does not matter.
 */
export function combine(parts: readonly WritePart[]): readonly [Statement, ...unknown[]] {
  const name = preparedName(`write_${parts.map((part) => part.name).join("_")}`);
  const text = textOf(name, parts);
  return [{ name, text }, ...parts.flatMap(valuesOf)];
}

/** The server cuts longer names off, and would take one combination for another. */
function preparedName(name: string): string {
  return name.length <= NAME_LENGTH_MAX ? name : `write_${sha256Hex(name).slice(0, 32)}`;
}

const NAME_LENGTH_MAX = 63;

/** The combinations that occur are few, and building one takes longer than sending it. */
const texts = new Map<string, string>();

function textOf(name: string, parts: readonly WritePart[]): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const written: string[] = [];
  const checks: string[] = [];
  let offset = 0;
  for (const part of parts) {
    const from = offset;
    const sql = part.sql.replaceAll(/\$(\d+)/g, (_, number: string) => `$${Number(number) + from}`);
    written.push(`${part.name}_rows as (${sql})`);
    offset += valuesOf(part).length;
    if (part.expected !== undefined) {
      checks.push(`all_changed((select count(*) from ${part.name}_rows), $${offset}, '${part.name}')`);
    }
  }
  const text = `with ${written.join(",\n")}\nselect ${checks.length === 0 ? "1" : checks.join(", ")}`;
  texts.set(name, text);
  return text;
}

function valuesOf(part: WritePart): readonly unknown[] {
  return part.expected === undefined ? part.values : [...part.values, part.expected];
}
