import type { Instant } from "../instant.ts";
import type { Json } from "../json.ts";

/** An event that a run has taken, as its tasks see it. */
export interface ConsumedEvent {
  readonly id: string;
  readonly name: string;
  readonly key?: string;
  readonly at: Instant;
  readonly payload: Json;
}
