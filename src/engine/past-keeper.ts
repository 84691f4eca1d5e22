import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Lets task runs go that wait for themselves in the run before theirs (CC-6). */
export class PastKeeper implements Duty {
  readonly name = "past-keeper";
  readonly #store: Pick<Store, "releasePast">;
  readonly #pollMs: number;
  #isUsed = false;
  /** Woken when task runs may go on, or a run has given its place to another. */
  onReleased: () => void = () => {};

  constructor(store: Pick<Store, "releasePast">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  /** Something waited at the last look: what ends now may be what it waits for. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  async poll(): Promise<number> {
    const { waiting, opened, givenBack } = await this.#store.releasePast();
    this.#isUsed = waiting > opened;
    if (opened + givenBack > 0) this.onReleased();
    return this.#pollMs;
  }
}
