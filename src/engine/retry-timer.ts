import type { Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Puts task runs whose back-off is over back into their queue, on time. */
export class RetryTimer implements Duty {
  readonly name = "retry-timer";
  readonly #store: Pick<Store, "releaseRetries">;
  readonly #pollMs: number;
  /** Woken when something became ready. */
  onReady: () => void = () => {};

  /** @param pollMs back-offs begun by other processes on the same store are seen at the latest after this long */
  constructor(store: Pick<Store, "releaseRetries">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { released, nextInMs } = await this.#store.releaseRetries();
    if (released > 0) this.onReady();
    return Math.min(nextInMs ?? this.#pollMs, this.#pollMs);
  }
}
