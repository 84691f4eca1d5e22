import { type EventFilter, matchesEvent } from "../core/trigger/event-filter.ts";
import { EVENT_BYTES_MAX } from "../core/trigger/plan-firing.ts";
import { toPendingEvent } from "./signal-records.ts";
import type { SignalRow } from "./signal-rows.ts";
import type { Reader } from "./transaction.ts";
import type { PendingEvent } from "./trigger-records.ts";
import type { TriggerRow } from "./trigger-rows.ts";

/** What waits for a trigger. */
export interface Waiting {
  readonly events: readonly PendingEvent[];
  /** There are more than were asked for. */
  readonly isFull: boolean;
  /** Up to here nothing waits. */
  readonly idleCursor: string;
  /** Up to here everything is in `events` or none of its business. */
  readonly cursor: string;
  /** Not all was looked at. */
  readonly hasMore: boolean;
}

const PAGE = 200;
/** Events looked at in one turn: a filter that lets nothing through must not hold everybody up. */
const LOOKED_AT_MAX = 10_000;

/** Events after the trigger's cursor that its filter lets through, `max` of them at most. */
export async function whatWaits(rows: Reader, trigger: TriggerRow, filter: EventFilter, max: number): Promise<Waiting> {
  const look = new Look(trigger.cursor, filter, max);
  const { project, event: name, since } = trigger;
  for (let looked = 0; looked < LOOKED_AT_MAX; looked += PAGE) {
    const page = await rows.signals.after({ project, name, since, cursor: look.cursor }, PAGE);
    for (const row of page) if (!look.see(row)) return look.end({ isFull: true, hasMore: true });
    if (page.length < PAGE) return look.end({ isFull: false, hasMore: false });
  }
  return look.end({ isFull: false, hasMore: true });
}

class Look {
  readonly #filter: EventFilter;
  readonly #max: number;
  readonly #events: PendingEvent[] = [];
  #bytes = 0;
  #idleCursor: string;
  #cursor: string;

  constructor(cursor: string, filter: EventFilter, max: number) {
    this.#filter = filter;
    this.#max = max;
    this.#idleCursor = cursor;
    this.#cursor = cursor;
  }

  get cursor(): string {
    return this.#cursor;
  }

  /** False: it is one too many, and was not taken. */
  see(row: SignalRow): boolean {
    const event = toPendingEvent(row);
    if (matchesEvent(this.#filter, event)) {
      const isRoom = this.#events.length < this.#max && this.#bytes + row.payload.length <= EVENT_BYTES_MAX;
      if (!isRoom && this.#events.length > 0) return false;
      this.#events.push(event);
      this.#bytes += row.payload.length;
    }
    this.#cursor = row.cursor;
    if (this.#events.length === 0) this.#idleCursor = row.cursor;
    return true;
  }

  end(how: { readonly isFull: boolean; readonly hasMore: boolean }): Waiting {
    return { events: this.#events, idleCursor: this.#idleCursor, cursor: this.#cursor, ...how };
  }
}
