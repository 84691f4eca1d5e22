import type { Instant } from "./instant.ts";

/**
 * Something that several task runs share and of which there is only so much: a pool, a tag, a task over all its runs, a
 * key. The name says which: `pool:warehouse`, `tag:heavy`, `task:daily/load`, `pipeline:daily`, `run:<id>`,
 * `group:<id>/<group>`, `map:<id>/<task>`, `key:daily/load:"acme"`, `rate:daily/load`, `hours:Europe/Berlin 22:00-06:00`, `cursor:daily/orders`,
 * `backfill:7`.
 */
export interface ScopeLimit {
  readonly name: string;
  /** Absent = as many as there are. */
  readonly slots?: number;
  readonly rate?: RateLimit;
  /** A task run that waits within its attempt keeps its slots. */
  readonly countDeferred?: true;
  /** What becomes of a task run that finds its key taken; it waits unless something else is said. */
  readonly overflow?: KeyOverflow;
}

/** So many attempts may start within any window of this length. */
export interface RateLimit {
  readonly limit: number;
  readonly perMs: number;
}

/** `queue`: it waits. `skip`: it is skipped. `cancel_oldest`: the one that has held the key longest is stopped for it. */
export type KeyOverflow = "queue" | "skip" | "cancel_oldest";

/** What one task run takes of a scope while it runs. */
export interface ScopeShare {
  readonly name: string;
  readonly weight: number;
}

/** A scope as a claim finds it. Slots in use are live leases, never a counter. */
export interface ScopeView extends Omit<ScopeLimit, "rate"> {
  readonly used: number;
  /** What attempts of backfills hold of that; absent while no backfill waits beside live runs. */
  readonly background?: number;
  readonly rate?: RateView;
}

export interface RateView extends RateLimit {
  /** Attempts that have started within the window that ends now. */
  readonly started: number;
  /** When the first of them leaves the window. */
  readonly freeAt?: Instant;
}

/** A lane whose task runs found their key taken, and are not to wait for it. */
export interface KeyOverflowing {
  readonly laneId: number;
  readonly scope: string;
  /** `skip`: they are skipped. `cancel_oldest`: those that have held the key longest are stopped for them. */
  readonly kind: "skip" | "cancel_oldest";
  /** Task runs that wait. */
  readonly waiting: number;
}

/** Shares as the text that is part of a lane's identity; they are sorted by name. No shares = no text. */
export function shareText(shares: readonly ScopeShare[]): string {
  return shares.length === 0 ? "" : JSON.stringify(shares.map(({ name, weight }) => [name, weight]));
}

export function parseShares(text: string): readonly ScopeShare[] {
  if (text === "") return [];
  return (JSON.parse(text) as readonly [string, number][]).map(([name, weight]) => ({ name, weight }));
}
