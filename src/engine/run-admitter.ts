import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Lets runs begin that wait for a place among the runs of their pipeline. */
export class RunAdmitter implements Duty {
  readonly name = "run-admitter";
  readonly #store: Pick<Store, "admitRuns">;
  readonly #pollMs: number;
  /** Woken when runs have begun. */
  onAdmitted: () => void = () => {};

  constructor(store: Pick<Store, "admitRuns">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const admitted = await this.#store.admitRuns();
    if (admitted.length === 0) return this.#pollMs;
    this.onAdmitted();
    // There may be more than one transaction takes.
    return 0;
  }
}
