import type { Instant } from "../instant.ts";
import type { Ticks } from "./ticks.ts";

/** Ticks that are known one by one, ascending. */
export class ListedTicks implements Ticks {
  readonly #ticks: readonly Instant[];

  constructor(ticks: readonly Instant[]) {
    this.#ticks = ticks;
  }

  after(instant: Instant): Instant | undefined {
    return this.#ticks.find((tick) => tick > instant);
  }

  before(instant: Instant): Instant | undefined {
    return this.#ticks.findLast((tick) => tick < instant);
  }

  atOrBefore(instant: Instant): Instant | undefined {
    return this.before(instant + 1);
  }
}
