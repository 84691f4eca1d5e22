import type { RunId, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** A run in which nothing can ever happen again is a defect and fails with a report, never hangs (RS-3). */
export class StallWatch implements Duty {
  readonly name = "stall-watch";
  readonly #store: Pick<Store, "failStalledRuns">;
  readonly #pollMs: number;
  onStalled: (runs: readonly RunId[]) => void = () => {};

  constructor(store: Pick<Store, "failStalledRuns">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const stalled = await this.#store.failStalledRuns();
    if (stalled.length > 0) this.onStalled(stalled);
    return this.#pollMs;
  }
}
