import type { Instant } from "../core/instant.ts";
import type { Clock, Timer } from "../ports/clock.ts";

/**
 * A clock that stands still until it is told to go on. Timers fire in the order of their time, those of equal time in
 * the order in which they were set, so a test that runs twice runs alike.
 */
export class VirtualClock implements Clock {
  #wall: Instant;
  #mono = 0;
  #setCount = 0;
  readonly #timers: VirtualTimer[] = [];
  #soon: (() => void)[] = [];

  constructor(start: Instant) {
    this.#wall = start;
  }

  wall(): Instant {
    return this.#wall;
  }

  mono(): number {
    return this.#mono;
  }

  after(delayMs: number, callback: () => void): Timer {
    this.#setCount += 1;
    const timer: VirtualTimer = { at: this.#mono + Math.max(delayMs, 0), order: this.#setCount, callback, live: true };
    insert(this.#timers, timer);
    return {
      cancel: () => {
        timer.live = false;
      },
    };
  }

  soon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Runs what was asked for `soon`, in one go; false when there was nothing. */
  runSoon(): boolean {
    const callbacks = this.#soon;
    this.#soon = [];
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }

  /** Moves to the next timer and fires it; false when none is set. */
  advanceToNext(): boolean {
    for (;;) {
      const timer = this.#timers.shift();
      if (timer === undefined) return false;
      if (!timer.live) continue;
      this.#moveTo(timer.at);
      timer.callback();
      return true;
    }
  }

  /** Moves on by `ms`, firing what falls due on the way. */
  advanceBy(ms: number): void {
    const end = this.#mono + ms;
    while ((this.#timers[0]?.at ?? Number.POSITIVE_INFINITY) <= end) this.advanceToNext();
    this.#moveTo(end);
  }

  #moveTo(mono: number): void {
    this.#wall += Math.round(mono) - Math.round(this.#mono);
    this.#mono = mono;
  }
}

interface VirtualTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  live: boolean;
}

/** Keeps the timers sorted: a test has few of them. */
function insert(timers: VirtualTimer[], timer: VirtualTimer): void {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = timers[middle];
    if (other !== undefined && (other.at < timer.at || (other.at === timer.at && other.order < timer.order)))
      low = middle + 1;
    else high = middle;
  }
  timers.splice(low, 0, timer);
}
