import type { EventBody } from "../../../store/event-body.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";

/** What one transaction has brought about, in the order of its events, with all runs as they are after it. */
export interface Commit {
  readonly moves: readonly TaskMove[];
  readonly folds: ReadonlyMap<number, RunFold>;
}

/** One task run in another state. */
export interface TaskMove {
  /** On the database's clock. */
  readonly at: number;
  readonly runKey: number;
  readonly fold: RunFold;
  readonly task: FoldedTask;
  readonly event: Extract<EventBody, { kind: "task_state" }>;
}
