import type { Instant } from "../../core/instant.ts";
import { type Clock, systemClock } from "../../ports/clock.ts";

/** The store's clock in tests: stands until it is moved. Back-off between attempts is real, and short. */
export class ManualClock implements Clock {
  #now: Instant;

  constructor(now: Instant = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  wall(): Instant {
    return this.#now;
  }

  mono(): number {
    return systemClock.mono();
  }

  after(...call: Parameters<Clock["after"]>): ReturnType<Clock["after"]> {
    return systemClock.after(...call);
  }

  soon(...call: Parameters<Clock["soon"]>): ReturnType<Clock["soon"]> {
    return systemClock.soon(...call);
  }

  advance(ms: number): void {
    this.#now += ms;
  }
}
