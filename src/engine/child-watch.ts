import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Ends waits for runs of other pipelines when these have ended, and cancels runs for which nobody waits any more. */
export class ChildWatch implements Duty {
  readonly name = "child-watch";
  readonly #store: Pick<Store, "settleChildren">;
  readonly #pollMs: number;
  /** Woken when a wait has ended. */
  onSettled: () => void = () => {};

  /** @param pollMs runs that other processes on the same store have ended are seen at the latest after this long */
  constructor(store: Pick<Store, "settleChildren">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { settled } = await this.#store.settleChildren();
    if (settled === 0) return this.#pollMs;
    this.onSettled();
    return 0;
  }
}
