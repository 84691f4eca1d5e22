import type { RunId, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Stops the processes of runs that somebody, here or elsewhere, has cancelled. */
export class Canceller implements Duty {
  readonly name = "canceller";
  readonly #store: Pick<Store, "runsBeingCancelled">;
  readonly #pollMs: number;
  /** Told which runs must stop. */
  onCancelling: (runs: ReadonlySet<RunId>) => void = () => {};

  constructor(store: Pick<Store, "runsBeingCancelled">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const runs = await this.#store.runsBeingCancelled();
    if (runs.length > 0) this.onCancelling(new Set(runs));
    return this.#pollMs;
  }
}
