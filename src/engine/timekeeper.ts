import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Carries out deadlines on time: of runs, of tear-downs, and of all attempts of a task together. */
export class Timekeeper implements Duty {
  readonly name = "timekeeper";
  readonly #store: Pick<Store, "fireTimers">;
  readonly #pollMs: number;
  /** Woken when a deadline has come: attempts may have to be stopped, and others become ready. */
  onFired: () => void = () => {};

  /** @param pollMs deadlines begun by other processes on the same store are seen at the latest after this long */
  constructor(store: Pick<Store, "fireTimers">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { fired, nextInMs } = await this.#store.fireTimers();
    if (fired > 0) this.onFired();
    return Math.min(nextInMs ?? this.#pollMs, this.#pollMs);
  }
}
