export type TriggerRule =
  | "all_success"
  | "all_failed"
  | "all_done"
  | "all_done_min_one_success"
  | "all_skipped"
  | "one_success"
  | "one_failed"
  | "one_done"
  | "none_failed"
  | "none_failed_min_one_success"
  | "none_skipped"
  | "always";

/** How the direct upstream task runs of a task run have ended so far. */
export interface UpstreamCounts {
  /** U: all of them, removed ones taken out. */
  readonly total: number;
  readonly success: number;
  /** failed and cancelled (TR-13). */
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly skipped: number;
}
