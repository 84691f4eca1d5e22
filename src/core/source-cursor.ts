import type { Json } from "./json.ts";
import { BatutaError } from "./problem.ts";
import { parseJson, toJsonText } from "./serialize-value.ts";

/** How far a task has read its source, kept by its pipeline under a name. */
export interface CursorSpec {
  readonly name: string;
  /** What it is before anything has moved it; null when absent. */
  readonly initial?: Json;
}

/** Of the JSON text of a value. */
export const CURSOR_BYTES_MAX = 64 * 1024;

/**
 * How far a source has been read. `advance` only notes how far this attempt has come: the cursor moves in the transaction
 * that makes the task a success, and not at all when the attempt ends in any other way.
 *
 * @example
 * task("read_orders", { cursor: { name: "orders", initial: 0 } }, async ({ cursor }) => {
 *   const orders = await ordersAfter(cursor.value);
 *   cursor.advance(orders.at(-1)?.id ?? cursor.value);
 *   return orders;
 * });
 */
export interface SourceCursor<T = Json> {
  /** What the last success has left; `initial` before the first one. */
  readonly value: T;
  /** JSON of at most 64 KiB. Of several calls the last one counts. */
  advance(next: T): void;
}

/** Tasks of a pipeline that move one cursor run one at a time: they share this, which has one slot. */
export function cursorScope(pipeline: string, name: string): string {
  return `cursor:${pipeline}/${name}`;
}

/** The value as it is kept. Throws `invalid_output` for what is no JSON, or too large. */
export function cursorText(name: string, value: unknown): string {
  const text = toJsonText(value);
  if (value === undefined || !text.ok) {
    const why = text.ok ? "it is undefined" : `${text.path} ${text.problem}`;
    throw new BatutaError("invalid_output", `Cursor "${name}" cannot be moved there: ${why}.`, {
      hint: "Give what JSON can hold, such as a number, a text or a plain object.",
    });
  }
  refuseLarge(name, text.bytes);
  return text.json;
}

/** Text that says of itself that it is such a value, as it is kept. Throws `invalid_output` like `cursorText`. */
export function checkedCursorText(name: string, text: string): string {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    throw new BatutaError("invalid_output", `Cursor "${name}" cannot be moved there: its new value is no JSON.`, {
      hint: "Give what JSON can hold, such as a number, a text or a plain object.",
    });
  }
  return cursorText(name, value);
}

function refuseLarge(name: string, bytes: number): void {
  if (bytes <= CURSOR_BYTES_MAX) return;
  throw new BatutaError("invalid_output", `The value of cursor "${name}" has ${bytes} bytes, more than 64 KiB.`, {
    hint: "Keep in it how far the source has been read, such as the last id or offset, and the rest elsewhere.",
  });
}
