import { type Clock, within } from "../ports/clock.ts";
import type { SessionId, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Processes are stopped this long before the lease ends, so that nothing runs when another may take over (I06). */
const GUARD_MS = 2_000;
const RETRY_MS = 250;
/** Well within the guard. */
const ANSWER_MS_MIN = 500;

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
    switch (await this.#renew()) {
      case "renewed":
        this.#renewedAt = askedAt;
        // After a slow answer the next call is due at once: the lease counts from the question.
        return Math.max(0, askedAt + this.#leaseMs / 3 - this.#clock.mono());
      case "reaped":
        return this.#giveUp();
      case "unanswered":
        return this.#msLeft() <= 0 ? this.#giveUp() : RETRY_MS;
    }
  }

  /** Waits for the answer no longer than the lease lasts: a database that hangs renews nothing. */
  async #renew(): Promise<"renewed" | "reaped" | "unanswered"> {
    let answer: "renewed" | "reaped" | "unanswered" = "unanswered";
    const asked = this.#store.renewSession(this.#session).then(
      ({ alive }) => {
        answer = alive ? "renewed" : "reaped";
      },
      () => {},
    );
    // After a sleep of the whole machine the lease may be over and yet nobody's: that is worth the question.
    await within(this.#clock, Math.max(this.#msLeft(), ANSWER_MS_MIN), asked);
    return answer;
  }

  #msLeft(): number {
    return this.#renewedAt + this.#leaseMs - GUARD_MS - this.#clock.mono();
  }

  #giveUp(): number {
    this.#lost = true;
    this.onLost();
    return this.#leaseMs;
  }
}
