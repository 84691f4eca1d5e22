import type { Instant } from "../instant.ts";
import { timeZone } from "../time-zone.ts";
import type { Ticks } from "./ticks.ts";

/** Ticks in equal steps of elapsed time (TI-1). */
export class EveryTicks implements Ticks {
  readonly #ms: number;
  readonly #anchor: Instant;

  constructor({ ms, anchor }: { readonly ms: number; readonly anchor?: Instant }, timezone: string) {
    this.#ms = ms;
    this.#anchor = anchor ?? timeZone(timezone).startOfDay("1970-01-01");
  }

  after(instant: Instant): Instant {
    return this.atOrBefore(instant) + this.#ms;
  }

  before(instant: Instant): Instant {
    return this.atOrBefore(instant - 1);
  }

  atOrBefore(instant: Instant): Instant {
    return this.#anchor + Math.floor((instant - this.#anchor) / this.#ms) * this.#ms;
  }
}
