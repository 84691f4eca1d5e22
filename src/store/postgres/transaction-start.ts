import type { Instant } from "../../core/instant.ts";
import type { Schema } from "./schema.ts";
import type { SentAhead } from "./sent-ahead.ts";

/** What a transaction begins with. */
export interface TransactionStart {
  readonly schema: Schema;
  readonly now: Instant;
  /** What has been asked already. */
  readonly sent?: SentAhead;
}
