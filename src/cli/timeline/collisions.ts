import type { Instant } from "../../core/instant.ts";
import type { ForeseenAttempt, LimitShare } from "./foreseen-attempts.ts";

/** A limit that is full, and what waits for it. */
export interface Collision {
  readonly limit: string;
  readonly slots: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly waiting: readonly Wait[];
}

export interface Wait {
  readonly attempt: ForeseenAttempt;
  readonly limit: string;
  readonly ms: number;
}

/** A shorter wait is no collision. */
const WAIT_MS_MIN = 1_000;

/**
 * What waits for which limit: a limit is to blame for the part of a wait in which it has not as many slots as are
 * wanted, and of several the one that is to blame for the longest.
 */
export function waitsOf(attempts: readonly ForeseenAttempt[]): readonly Wait[] {
  const use = useByLimit(attempts);
  return attempts.flatMap((attempt) => {
    const ms = attempt.from - attempt.queuedAt;
    if (ms < WAIT_MS_MIN) return [];
    const blamed = attempt.limits
      .map((share) => ({ share, fullMs: use.get(share.name)?.fullMs(attempt, share) ?? 0 }))
      .filter(({ fullMs }) => fullMs > 0)
      .sort((one, other) => other.fullMs - one.fullMs)[0];
    return [{ attempt, limit: blamed?.share.name ?? "", ms }];
  });
}

/** Waits for the same limit that overlap are one collision. In the order of time. */
export function collisionsOf(waits: readonly Wait[]): readonly Collision[] {
  const collisions: Collision[] = [];
  const byLimit = Map.groupBy(
    waits.filter(({ limit }) => limit !== ""),
    ({ limit }) => limit,
  );
  for (const [limit, of] of byLimit) {
    const sorted = of.toSorted((one, other) => one.attempt.queuedAt - other.attempt.queuedAt);
    let together: Wait[] = [];
    let to = Number.NEGATIVE_INFINITY;
    for (const wait of sorted) {
      if (wait.attempt.queuedAt > to && together.length > 0) {
        collisions.push(collision(limit, together, to));
        together = [];
      }
      together.push(wait);
      to = Math.max(to, wait.attempt.from);
    }
    collisions.push(collision(limit, together, to));
  }
  return collisions.sort((one, other) => one.from - other.from || other.to - one.to);
}

function collision(limit: string, waiting: readonly Wait[], to: Instant): Collision {
  const [first] = waiting;
  const slots = first?.attempt.limits.find(({ name }) => name === limit)?.slots ?? 0;
  return { limit, slots, from: first?.attempt.queuedAt ?? to, to, waiting };
}

function useByLimit(attempts: readonly ForeseenAttempt[]): ReadonlyMap<string, LimitUse> {
  const holders = new Map<string, Holder[]>();
  for (const { from, to, limits } of attempts) {
    for (const { name, weight } of limits) {
      const of = holders.get(name) ?? [];
      holders.set(name, of);
      if (to > from) of.push({ from, to, weight });
    }
  }
  return new Map([...holders].map(([name, of]) => [name, new LimitUse(of)]));
}

interface Holder {
  readonly from: Instant;
  readonly to: Instant;
  readonly weight: number;
}

/** How much of a limit is taken, from one change to the next. */
class LimitUse {
  readonly #times: readonly Instant[];
  readonly #used: readonly number[];

  constructor(holders: readonly Holder[]) {
    const changes = new Map<Instant, number>();
    for (const { from, to, weight } of holders) {
      changes.set(from, (changes.get(from) ?? 0) + weight);
      changes.set(to, (changes.get(to) ?? 0) - weight);
    }
    this.#times = [...changes.keys()].sort((one, other) => one - other);
    let used = 0;
    this.#used = this.#times.map((time) => {
      used += changes.get(time) ?? 0;
      return used;
    });
  }

  /** Of the wait of an attempt, the part in which it would not have found what it needs. */
  fullMs({ queuedAt, from: startsAt }: ForeseenAttempt, { slots, weight }: LimitShare): number {
    let full = 0;
    for (let index = this.#indexAt(queuedAt); index < this.#times.length; index++) {
      const from = Math.max(this.#times[index] ?? startsAt, queuedAt);
      if (from >= startsAt) break;
      const to = Math.min(this.#times[index + 1] ?? startsAt, startsAt);
      if ((this.#used[index] ?? 0) + weight > slots) full += to - from;
    }
    return full;
  }

  /** Of the last change at or before an instant; of the first when there is none. */
  #indexAt(instant: Instant): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) <= instant) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
