import type { AttemptKey, LeaseRecord, SessionId, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** An attempt that is to end before it ends by itself. */
export interface AttemptStop extends AttemptKey {
  /** Without the time to end by itself. */
  readonly now: boolean;
}

/** Whoever runs attempts. */
export interface AttemptHolder {
  inHand(): readonly AttemptKey[];
  /** What is asked again, or has ended meanwhile, is left as it is. */
  stop(stops: readonly AttemptStop[]): void;
}

/**
 * Stops attempts that somebody, here or elsewhere, wants stopped: the rows of their leases say so. An attempt whose lease
 * is gone is nobody's any more; it is ended at once, for its result counts no longer and another may already work.
 */
export class Canceller implements Duty {
  readonly name = "canceller";
  readonly #store: Pick<Store, "leasesOf">;
  readonly #session: SessionId;
  readonly #holder: AttemptHolder;
  readonly #pollMs: number;

  constructor(store: Pick<Store, "leasesOf">, session: SessionId, holder: AttemptHolder, pollMs: number) {
    this.#store = store;
    this.#session = session;
    this.#holder = holder;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    // Before the leases are read: what is claimed meanwhile is not missing in them.
    const inHand = this.#holder.inHand();
    if (inHand.length > 0) this.#holder.stop(stopsOf(inHand, await this.#store.leasesOf(this.#session)));
    return this.#pollMs;
  }
}

function stopsOf(inHand: readonly AttemptKey[], leases: readonly LeaseRecord[]): readonly AttemptStop[] {
  const held = new Map(leases.map((lease) => [lease.taskRunKey, lease]));
  return inHand.flatMap(({ taskRunKey, token }) => {
    const lease = held.get(taskRunKey);
    if (lease?.token !== token) return [{ taskRunKey, token, now: true }];
    return lease.stop === undefined ? [] : [{ taskRunKey, token, now: lease.stop.kind === "kill" }];
  });
}
