import type { TaskRunState } from "../core/state.ts";
import type { RunRecord } from "./run-records.ts";

/** For what a task run waits in the end that waits for itself in the run before. */
export interface PastHolder {
  /** The nearest earlier run in which the task waits for no earlier one, or the last that was looked at. */
  readonly run: RunRecord;
  /** State of the task there. */
  readonly state: TaskRunState;
  /** Runs in between in which it waits so, too. */
  readonly between: number;
  /** It waits there, too: nobody has looked further. */
  readonly isFurther?: true;
}
