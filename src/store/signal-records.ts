import type { Json } from "../core/json.ts";
import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import type { SignalRow } from "./signal-rows.ts";
import type { PendingEvent } from "./trigger-records.ts";

/** What became of an event that was sent. */
export interface EmittedSignal {
  readonly name: string;
  readonly id: string;
  /** False: there was one with this name and id already, and it stays as it is. */
  readonly isNew: boolean;
}

export function toConsumedEvent({ id, name, key, at, payload }: SignalRow): ConsumedEvent {
  return { id, name, ...(key === null ? {} : { key }), at, payload: JSON.parse(payload) as Json };
}

export function toPendingEvent(row: SignalRow): PendingEvent {
  return { seq: row.seq, ...toConsumedEvent(row) };
}
