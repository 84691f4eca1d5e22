import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Sees to task runs that found their key taken and are not to wait for it. */
export class OverflowKeeper implements Duty {
  readonly name = "overflow-keeper";
  readonly #store: Pick<Store, "settleOverflows">;
  readonly #pollMs: number;
  /** Woken when task runs were skipped or attempts asked to stop. */
  onSettled: () => void = () => {};

  /** @param pollMs whoever claims says when it has met one; this is for hints that were lost */
  constructor(store: Pick<Store, "settleOverflows">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { skipped, stopped } = await this.#store.settleOverflows();
    if (skipped + stopped > 0) this.onSettled();
    return this.#pollMs;
  }
}
