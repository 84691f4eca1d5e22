/** States of a task run (semantics ST-1). */
export type TaskRunState =
  | "scheduled"
  | "queued"
  | "running"
  | "retrying"
  | "deferred"
  | "success"
  | "failed"
  | "upstream_failed"
  | "skipped"
  | "cancelled"
  | "removed";

export type RunState = "queued" | "running" | "cancelling" | "success" | "failed" | "cancelled";
