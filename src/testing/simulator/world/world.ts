import { promisesAtRest, type Timer } from "../../../ports/clock.ts";
import type { Dice } from "./dice.ts";
import { EventHeap } from "./event-heap.ts";
import type { Trace } from "./trace.ts";

/** Wall clock of the world at its beginning. */
export const WORLD_BEGAN_AT = Date.UTC(2030, 0, 1);

/**
 * Virtual time for everything. One event happens at a time; before the next, every promise that can go on has gone on.
 * Nothing real is ever waited for, so equal seeds give equal worlds.
 */
export class World {
  readonly trace: Trace;
  readonly #dice: Dice;
  readonly #events = new EventHeap();
  #order = 0;
  #now = 0;
  /** Events that have happened. */
  happened = 0;

  constructor(dice: Dice, trace: Trace) {
    this.#dice = dice;
    this.trace = trace;
  }

  /** Virtual milliseconds since the beginning, with fractions. */
  get now(): number {
    return this.#now;
  }

  /** Lets `happen` happen after so many virtual milliseconds; what falls on one moment is ordered by lot. */
  after(delayMs: number, happen: () => void): Timer {
    this.#order += 1;
    const at = this.#now + Math.max(delayMs, 0);
    const event = { at, tie: this.#dice.bits(), order: this.#order, happen, live: true };
    this.#events.push(event);
    return {
      cancel: () => {
        event.live = false;
      },
    };
  }

  note(line: string): void {
    this.trace.note(this.#now, line);
  }

  /** Goes on until `over`, the moment `until`, or the end of all events. Answers whether it is over. */
  async run(over: () => boolean, until: number): Promise<boolean> {
    while (!over()) {
      const event = this.#events.pop();
      if (event === undefined) return false;
      if (!event.live) continue;
      if (event.at > until) {
        this.#events.push(event);
        this.#now = until;
        return false;
      }
      this.#now = event.at;
      this.happened += 1;
      event.happen();
      await promisesAtRest();
    }
    return true;
  }
}
