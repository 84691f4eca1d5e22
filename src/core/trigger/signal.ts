import type { Json } from "../json.ts";
import { BatutaError } from "../problem.ts";
import { toJsonText } from "../serialize-value.ts";
import { EVENT_NAME_HINT, eventNameFault } from "./event-name.ts";

/** An event from outside: something has happened that pipelines may wait for. */
export interface NewSignal {
  readonly project: string;
  readonly name: string;
  /** A second one with this name and id is the same event, and changes nothing. */
  readonly id: string;
  /** What it is about, such as a customer; those who listen may ask for it. */
  readonly key?: string;
  readonly payload: Json;
  /** For so long it is kept for those who come later. */
  readonly ttlMs: number;
}

export const SIGNAL_TTL_MS = 7 * 86_400_000;
export const PAYLOAD_BYTES_MAX = 1024 * 1024;
const TEXT_LENGTH_MAX = 200;

/** The payload as JSON text. Throws `usage` on what no store keeps, with what to do instead. */
export function checkedPayload({ name, id, key, payload }: NewSignal): string {
  const fault = eventNameFault(name);
  if (fault !== undefined) {
    throw new BatutaError("usage", `The event name ${JSON.stringify(name)} ${fault}.`, { hint: EVENT_NAME_HINT });
  }
  checkText("id", id);
  if (key !== undefined) checkText("key", key);
  const text = toJsonText(payload);
  if (!text.ok) {
    throw new BatutaError("usage", `The data of event "${name}" cannot be kept: ${text.path} ${text.problem}.`, text);
  }
  if (text.bytes <= PAYLOAD_BYTES_MAX) return text.json;
  const size = (text.bytes / PAYLOAD_BYTES_MAX).toFixed(1);
  throw new BatutaError("usage", `The data of event "${name}" has ${size} MiB; 1 MiB is allowed.`, {
    hint: 'Put the data in a file or a bucket, and send its path: --data \'{"path":"in/orders.csv"}\'.',
  });
}

function checkText(what: "id" | "key", text: string): void {
  const isKept = text !== "" && text.length <= TEXT_LENGTH_MAX && text.isWellFormed() && !text.includes("\0");
  if (isKept) return;
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  throw new BatutaError("usage", `The ${what} ${shown} of an event cannot be kept.`, {
    hint: `Use a text of 1 to ${TEXT_LENGTH_MAX} characters.`,
  });
}
