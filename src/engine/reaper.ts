import type { Clock } from "../ports/clock.ts";
import type { LostAttempt, NewSession, SessionId, SessionRecord, Store } from "../store/store.ts";
import type { OwnerProcesses } from "./owner-processes.ts";
import type { Duty } from "./service.ts";

/** Polls in one lease. */
const POLLS_PER_LEASE = 10;
/** A longer gap between two polls means that this process itself was away: what it saw before counts no more. */
const MISSED_POLLS_MAX = 5;

/**
 * Finds sessions whose process is gone and gives their work back.
 *
 * 1. A process of this host that is gone (boot id, pid, start time) is dead at once; its left-over processes are ended
 *    before its work is given to another.
 * 2. A session elsewhere is dead only when this reaper has itself seen it unrenewed for a full lease, without a gap in
 *    its own observation.
 * 3. The reaper never reaps its own session.
 */
export class Reaper implements Duty {
  readonly name = "reaper";
  readonly #store: Pick<Store, "sessions" | "reapSessions">;
  readonly #own: Pick<NewSession, "id" | "leaseMs">;
  readonly #processes: OwnerProcesses;
  readonly #clock: Clock;
  readonly #observed = new Map<SessionId, Observation>();
  #lastPollAt: number | undefined;
  /** Told of every attempt that was taken from a dead session. */
  onLost: (lost: readonly LostAttempt[]) => void = () => {};

  constructor(
    store: Pick<Store, "sessions" | "reapSessions">,
    own: Pick<NewSession, "id" | "leaseMs">,
    processes: OwnerProcesses,
    clock: Clock,
  ) {
    this.#store = store;
    this.#own = own;
    this.#processes = processes;
    this.#clock = clock;
  }

  async poll(): Promise<number> {
    const sessions = (await this.#store.sessions()).filter((session) => session.id !== this.#own.id);
    this.#forgetAfterGap();
    const dead = sessions.filter((session) => this.#isDead(session));
    this.#forgetGone(sessions);
    for (const session of dead) await this.#processes.endLeftOvers(session);
    if (dead.length > 0) this.onLost(await this.#store.reapSessions(dead.map((session) => session.id)));
    return this.#pollMs;
  }

  get #pollMs(): number {
    return this.#own.leaseMs / POLLS_PER_LEASE;
  }

  #isDead(session: SessionRecord): boolean {
    const state = this.#processes.stateOf(session.process);
    if (state !== "elsewhere") return state === "gone";
    return this.#unrenewedForALease(session);
  }

  #unrenewedForALease(session: SessionRecord): boolean {
    const now = this.#clock.mono();
    const seen = this.#observed.get(session.id);
    if (seen === undefined || seen.renewedAt !== session.renewedAt) {
      this.#observed.set(session.id, { renewedAt: session.renewedAt, since: now });
      return false;
    }
    return now - seen.since >= session.leaseMs;
  }

  #forgetAfterGap(): void {
    const now = this.#clock.mono();
    if (this.#lastPollAt !== undefined && now - this.#lastPollAt > this.#pollMs * MISSED_POLLS_MAX)
      this.#observed.clear();
    this.#lastPollAt = now;
  }

  #forgetGone(sessions: readonly SessionRecord[]): void {
    const open = new Set(sessions.map((session) => session.id));
    for (const id of this.#observed.keys()) if (!open.has(id)) this.#observed.delete(id);
  }
}

interface Observation {
  readonly renewedAt: number;
  /** On the monotonic clock. */
  readonly since: number;
}
