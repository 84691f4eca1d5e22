import type { Instant } from "../core/instant.ts";
import type { StoredValue } from "../core/value.ts";

export type CacheNote =
  /** Its value is kept under this key if it is a success, and takes the place of what is kept there. */
  | { readonly kind: "keep"; readonly key: string; readonly ttlMs?: number }
  /** The key could not be computed. */
  | { readonly kind: "unknown"; readonly why: string };

/** A result that can be taken again. */
export interface CacheEntry {
  /** The run whose task has made it. */
  readonly runId: string;
  readonly createdAt: Instant;
  /** Absent when the task gave no value. */
  readonly output?: StoredValue;
}
