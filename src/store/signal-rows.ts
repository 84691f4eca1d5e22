import type { Instant } from "../core/instant.ts";

/** Events from outside, in the database. */
export interface SignalTable {
  /** The numbers of those that are new, in the order given; undefined for one that is there already. */
  insert(rows: readonly SignalInsert[]): Promise<readonly (number | undefined)[]>;
  /** Those that expired first, but for those that runs have taken. */
  deleteExpired(limit: number): Promise<void>;
}

export interface SignalInsert {
  readonly project: string;
  readonly name: string;
  readonly id: string;
  readonly key: string | null;
  readonly payload: string;
  readonly expiresAt: Instant | null;
}
