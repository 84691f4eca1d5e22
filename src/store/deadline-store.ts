import type { Instant } from "../core/instant.ts";
import type { RunId } from "./run-id.ts";

/** Deadlines that were missed. They are found by `fireTimers`. */
export interface DeadlineStore {
  /** Of these runs, in the order of their moments. A miss stays with its run until what was late is run anew. */
  missedDeadlines(runs: readonly RunId[]): Promise<readonly MissedDeadline[]>;
}

/** What there is to know of a miss. */
export interface MissedFacts {
  /** Name of the task; absent = the run itself is late. */
  readonly task?: string;
  /** `by 08:00` */
  readonly deadline: string;
  readonly dueAt: Instant;
  /** What it waited for when the miss was found. */
  readonly waitsFor: readonly string[];
}

export interface MissedDeadline extends MissedFacts {
  readonly runId: RunId;
  /** Index of the task. */
  readonly taskIndex?: number;
  readonly missedAt: Instant;
}
