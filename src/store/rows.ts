import type { Instant } from "../core/instant.ts";
import type { ProcessIdentity } from "../core/process-identity.ts";
import type { KeyOverflow } from "../core/scope.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
import type { RunId, RunTrigger, SessionId } from "./store.ts";

/** Rows as both databases give them: an absent value is null, JSON is text. */

/** What deciding needs to know of a run; read under its lock. */
export interface RunRow {
  readonly key: number;
  readonly id: RunId;
  readonly project: string;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly state: RunState;
  /** Key of the task run of task 0; that of task n is n higher. */
  readonly firstKey: number;
  readonly unfinished: number;
  readonly failing: number;
  /** All task runs, those of items included. */
  readonly taskCount: number;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly reason: string | null;
  readonly backfill: number | null;
}

/** A run with what was asked for, as readers see it. */
export interface FullRunRow extends RunRow {
  readonly parentRun: RunId | null;
  readonly parentTask: number | null;
  readonly parentMapKey: string | null;
  readonly rootRun: RunId | null;
  readonly depth: number | null;
  readonly createdAt: Instant;
  readonly requestKey: string;
  readonly trigger: RunTrigger;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
  readonly timezone: string;
  readonly ds: string;
  readonly params: string;
  readonly onlyTasks: string | null;
  readonly borrowsFrom: RunId | null;
  readonly actor: string;
  /** `''` = none. */
  readonly schedule: string;
  readonly isPartial: boolean | number;
}

export interface TaskRunRow {
  readonly key: number;
  readonly runKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly state: TaskRunState;
  readonly generation: number;
  readonly attempt: number;
  readonly token: number;
  readonly lost: number;
  readonly total: number;
  readonly success: number;
  readonly failed: number;
  readonly upstreamFailed: number;
  readonly skipped: number;
  readonly gates: number;
  readonly shut: string | null;
  /** JSON of a `RunDecision`. */
  readonly decision: string | null;
  readonly label: string | null;
  readonly laneId: number;
  readonly dueAt: Instant | null;
  readonly queuedAt: Instant | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly reason: string | null;
  readonly failure: string | null;
}

export interface LeaseRow {
  readonly taskRunKey: number;
  readonly runKey: number;
  readonly token: number;
  readonly sessionId: SessionId;
  /** JSON of a `StopRequest`. */
  readonly stop: string | null;
}

/** Attempts of a session. */
export interface LeaseCounts {
  readonly live: number;
  readonly background: number;
}

export interface EndedRunRow {
  readonly key: number;
  readonly state: RunState;
}

/** A task run that waits for a run, or does so no more. */
export interface AwaitedRow extends AwaitedKey {
  /** It is still this attempt that waits. */
  readonly isWaiting: boolean | number;
  readonly childId: RunId;
  readonly childState: RunState;
  readonly childPipeline: string;
  readonly childVersion: string;
  readonly childFirstKey: number;
}

export interface AwaitedKey {
  readonly taskRunKey: number;
  readonly generation: number;
  readonly attempt: number;
}

export interface ChildRow {
  readonly parentId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly attempt: number;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly state: RunState;
  readonly isAwaited: boolean | number;
}

export interface CacheRow {
  readonly runId: RunId;
  readonly createdAt: Instant;
  readonly json: string | null;
  readonly blobHash: string | null;
  readonly blobBytes: number | null;
}

/** A deadline of a run, or of a generation of a task run. */
export interface TimerRow {
  readonly runKey: number;
  readonly runId: RunId;
  /** 0 = the run's own. */
  readonly taskRunKey: number;
  readonly kind: TimerKind;
  readonly generation: number;
  readonly dueAt: Instant;
}

export type TimerKind = "run_timeout" | "cleanup" | "total_timeout";

export interface DeadLetterRow {
  readonly id: number;
  readonly runKey: number;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly taskRunKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly state: "open" | "replayed" | "resolved";
  readonly openedAt: Instant;
  readonly closedAt: Instant | null;
  readonly closedBy: string | null;
  readonly assignedTo: string | null;
  readonly note: string | null;
  /** Of the task run, as long as it has not been cleared since. */
  readonly failure: string | null;
}

export interface LaneRow {
  readonly id: number;
  readonly project: string;
  readonly queue: string;
  readonly priority: number;
  readonly pipeline: string;
  /** Its shares, as `shareText` writes them; empty = nothing limits it. */
  readonly scopes: string;
  readonly servedAt: number;
  /** By whichever lane, at this priority in this queue; null = never. */
  readonly pipelineServedAt: number | null;
  readonly waiting: number;
  readonly isPaused: boolean | number;
}

/** A lane with the attempts of it that run, for readers. */
export interface BusyLaneRow extends LaneRow {
  readonly running: number;
}

export interface ScopeRow {
  readonly project: string;
  readonly name: string;
  /** Declared by the version used last; null = as many as there are. */
  readonly slots: number | null;
  /** What an operator has set in its place. */
  readonly override: number | null;
  readonly overflow: KeyOverflow | null;
  readonly rateLimit: number | null;
  readonly rateMs: number | null;
  /** 0 and 1 where the database knows no booleans. */
  readonly countDeferred: boolean | number;
  readonly used: number;
  /** What attempts of backfills hold of that; absent while no backfill waits beside live runs. */
  readonly background?: number;
  readonly started: number;
  readonly firstStartAt: Instant | null;
}

/** What attempts of backfills hold of a scope. */
export interface BackgroundUseRow {
  readonly project: string;
  readonly name: string;
  readonly background: number;
}

export interface PipelineName {
  readonly project: string;
  readonly pipeline: string;
}

/** What a task took in a run that succeeded, from its first start to its end. */
export interface DurationRow {
  readonly versionHash: string;
  readonly taskIndex: number;
  readonly durationMs: number;
}

/** A task run that waits for itself in an earlier run. */
export interface PastWaitRow extends PipelineName {
  readonly taskRunKey: number;
  readonly taskIndex: number;
  readonly runKey: number;
  readonly runId: RunId;
  readonly versionHash: string;
  readonly schedule: string;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
}

export interface PastSuccessRow {
  readonly runId: RunId;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
  readonly ds: string;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** Runs of a pipeline that are under way or wait, and how many may be. */
export interface LoadRow {
  readonly running: number;
  /** No further than a few more than there can be room for. */
  readonly queued: number;
  readonly slots: number | null;
  readonly override: number | null;
  readonly isPaused: boolean | number;
}

export interface HolderRow {
  readonly scope: string;
  readonly taskRunKey: number;
  readonly runId: RunId;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly weight: number;
  readonly since: Instant;
  readonly isDeferred: boolean | number;
}

export interface PauseRow {
  readonly project: string;
  readonly pipeline: string;
  readonly pausedAt: Instant;
  readonly pausedBy: string;
  readonly reason: string | null;
}

export interface SessionRow extends ProcessIdentity {
  readonly key: number;
  readonly id: SessionId;
  readonly project: string;
  readonly role: "run" | "server";
  readonly leaseMs: number;
  /** JSON array of run ids; null = all of the project's. */
  readonly runs: string | null;
  readonly backfill: number | null;
  readonly openedAt: Instant;
  readonly renewedAt: Instant;
}

export interface AttemptRow {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly attempt: number;
  readonly token: number;
  readonly sessionId: SessionId;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  readonly outcome: "success" | "failed" | "skipped" | "cancelled" | "lost" | null;
  readonly failure: string | null;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
}

export interface OutputRow {
  readonly taskRunKey: number;
  readonly taskIndex: number;
  readonly json: string | null;
  readonly blobHash: string | null;
  readonly blobBytes: number | null;
  readonly items: number | null;
  readonly labels: string | null;
}

export interface OutputSizeRow {
  readonly taskRunKey: number;
  /** Of the value itself; 0 when it is a blob. */
  readonly bytes: number;
}

export interface EventRow {
  readonly cursor: string;
  readonly at: Instant;
  readonly runId: RunId | null;
  readonly body: string;
}
