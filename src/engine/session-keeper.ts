import type { Clock } from "../ports/clock.ts";
import type { SessionId, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Processes are stopped this long before the lease ends, so that nothing runs when another may take over (I06). */
const GUARD_MS = 2_000;
const RETRY_MS = 250;

/** Renews the session's lease at a third of its length and gives up, in time, when it cannot. */
export class SessionKeeper implements Duty {
  readonly name = "session-keeper";
  readonly #store: Pick<Store, "renewSession">;
  readonly #session: SessionId;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  #renewedAt: number;
  #lost = false;
  /** Called once, when the lease is gone or about to be: whoever runs attempts must stop them now. */
  onLost: () => void = () => {};

  constructor(store: Pick<Store, "renewSession">, session: SessionId, leaseMs: number, clock: Clock) {
    this.#store = store;
    this.#session = session;
    this.#leaseMs = leaseMs;
    this.#clock = clock;
    this.#renewedAt = clock.mono();
  }

  async poll(): Promise<number> {
    if (this.#lost) return this.#leaseMs;
    // The lease counts from before the call: the answer may have been slow.
    const askedAt = this.#clock.mono();
    try {
      const { alive } = await this.#store.renewSession(this.#session);
      if (!alive) return this.#giveUp();
      this.#renewedAt = askedAt;
      return this.#leaseMs / 3;
    } catch {
      return this.#clock.mono() - this.#renewedAt >= this.#leaseMs - GUARD_MS ? this.#giveUp() : RETRY_MS;
    }
  }

  #giveUp(): number {
    this.#lost = true;
    this.onLost();
    return this.#leaseMs;
  }
}
