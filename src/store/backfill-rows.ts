import type { DataInterval, Instant } from "../core/instant.ts";
import type { RunState } from "../core/state.ts";
import type { BackfillFilter, BackfillState } from "./backfill-records.ts";
import type { RunId } from "./run-id.ts";

/** Reads of backfills, and of runs as far as backfills look at them. */
export interface BackfillReader {
  backfill(project: string, key: number): Promise<BackfillRow | undefined>;
  unfinishedByRequest(project: string, requestKey: string): Promise<BackfillRow | undefined>;
  /** The oldest first. */
  unfinished(project: string): Promise<readonly BackfillRow[]>;
  /** Newest first. */
  backfills(filter: BackfillFilter): Promise<readonly BackfillRow[]>;
  /** Its runs by state: of those that have ended only the number. */
  runCounts(key: number): Promise<readonly RunCountRow[]>;
  /** Its runs that have not ended. */
  activeRuns(key: number): Promise<readonly ActiveRunRow[]>;
  /** Its failed and cancelled runs after one key up to another, the oldest first. */
  failedRuns(key: number, keys: KeyRange): Promise<readonly FailedRunRow[]>;
  /** The newest of its failed and cancelled runs. */
  lastFailedRun(key: number): Promise<number | undefined>;
  /** Whole runs that work on a part of a span, in any order; one may come twice. */
  runsWithin(span: IntervalSpan): Promise<readonly IntervalRunRow[]>;
}

/** Writes of backfills, under the lock of their pipeline. */
export interface BackfillWriter extends BackfillReader {
  /** Its key; undefined when the same request is unfinished. */
  insert(row: BackfillInsert): Promise<number | undefined>;
  update(row: BackfillRow): Promise<void>;
  /** The backfill has another run for the interval of this one. */
  replaceRun(runKey: number): Promise<void>;
}

export interface KeyRange {
  readonly after: number;
  readonly until: number;
  readonly limit: number;
}

export interface IntervalSpan extends DataInterval {
  readonly project: string;
  readonly pipeline: string;
  /** `''` = none. */
  readonly schedule: string;
}

export interface BackfillInsert {
  readonly project: string;
  readonly pipeline: string;
  /** `''` = none. */
  readonly schedule: string;
  readonly versionHash: string;
  readonly requestKey: string;
  /** JSON of a `BackfillRequest`. */
  readonly request: string;
  readonly rangeStart: Instant;
  readonly rangeEnd: Instant;
  readonly intervals: number;
  readonly maxActive: number;
  readonly actor: string;
}

export interface BackfillRow extends BackfillInsert {
  readonly key: number;
  readonly state: BackfillState;
  readonly cursor: Instant | null;
  readonly inFlight: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly filtered: number;
  readonly retryAfter: number | null;
  readonly retryUntil: number | null;
  readonly createdAt: Instant;
  readonly finishedAt: Instant | null;
}

export interface RunCountRow {
  readonly state: RunState;
  readonly count: number;
}

export interface ActiveRunRow {
  readonly id: RunId;
  readonly state: RunState;
}

export interface FailedRunRow extends DataInterval {
  readonly key: number;
  readonly id: RunId;
  readonly versionHash: string;
}

export interface IntervalRunRow extends DataInterval {
  readonly key: number;
  readonly state: RunState;
}
