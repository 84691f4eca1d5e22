import type { DataInterval, Instant } from "./instant.ts";

/** The successful run of a whole pipeline that is nearest before an interval, by its own interval and schedule. */
export interface PastSuccess {
  readonly runId: string;
  readonly interval: DataInterval;
  /** `YYYY-MM-DD` */
  readonly ds: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
}
