import type { PlannedDeadline } from "../core/deadline/plan-deadlines.ts";
import type { Instant } from "../core/instant.ts";
import type { PipelineName } from "./rows.ts";
import type { RunId } from "./run-id.ts";

/** Reads of deadlines, and of what is usual. */
export interface DeadlineReader {
  /** When the next one is to be looked at. */
  nextAt(): Promise<Instant | undefined>;
  /** Those of these runs that were missed, in the order of their moments. */
  missed(runs: readonly RunId[]): Promise<readonly MissedRow[]>;
  /** The last successful runs of a pipeline, the newest first. */
  successfulRuns(name: PipelineName, limit: number): Promise<readonly RunSpanRow[]>;
  /** From the first start to the last end of tasks in runs, where all of their task runs were a success. */
  taskSpans(places: readonly TaskSpanPlace[]): Promise<readonly TaskSpanRow[]>;
}

/** Writes of deadlines; a run's are looked at under its lock. */
export interface DeadlineTable extends DeadlineReader {
  insert(deadlines: readonly DeadlineInsert[]): Promise<void>;
  /** Nothing is late any more in runs that have ended. */
  settleEnded(): Promise<void>;
  /** Those that have come, of runs that have not ended, the oldest first; a few. */
  due(): Promise<readonly DeadlineRow[]>;
  /** What was found when they were looked at. */
  note(runKey: number, findings: readonly DeadlineFinding[]): Promise<void>;
  /** Those that count from a start count from now; of these tasks, or of the run. */
  renew(runKey: number, tasks: readonly number[]): Promise<void>;
}

export interface DeadlineInsert extends PlannedDeadline {
  readonly runKey: number;
}

export interface DeadlineRow {
  readonly runKey: number;
  readonly runId: RunId;
  readonly task: number;
  readonly place: number;
  readonly since: Instant;
  readonly allowedMs: number | null;
  readonly dueAt: Instant;
}

export interface DeadlineFinding {
  readonly task: number;
  readonly place: number;
  /** When to look again; null = not any more. */
  readonly lookAt: Instant | null;
  /** Absent = it was not missed. */
  readonly missed?: { readonly at: Instant; readonly what: string };
}

export interface MissedRow {
  readonly runId: RunId;
  readonly task: number;
  readonly missedAt: Instant;
  /** JSON of a `MissedFacts`. */
  readonly missed: string;
}

export interface RunSpanRow {
  readonly runKey: number;
  readonly versionHash: string;
  readonly durationMs: number;
}

export interface TaskSpanPlace {
  readonly runKey: number;
  readonly taskIndex: number;
}

export interface TaskSpanRow extends TaskSpanPlace {
  readonly durationMs: number;
}
