import type { Instant } from "../core/instant.ts";
import type { LaneGrant } from "../core/lane.ts";
import type { Position } from "../core/map-path.ts";
import type { ScopeLimit } from "../core/scope.ts";
import type { AssetReader, AssetTable } from "./asset-rows.ts";
import type { BackfillReader, BackfillWriter } from "./backfill-rows.ts";
import type { Changes } from "./changes.ts";
import type { ChildReader, ChildTable } from "./child-rows.ts";
import type { CursorReader, CursorTable } from "./cursor-rows.ts";
import type { DeadlineReader, DeadlineTable } from "./deadline-rows.ts";
import type { LaneRequest } from "./lane-of.ts";
import type { DeadLetterFilter } from "./operator-store.ts";
import type { PastReader } from "./past-rows.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type {
  AttemptRow,
  BackgroundUseRow,
  BusyLaneRow,
  CacheRow,
  DeadLetterRow,
  DurationRow,
  EndedRunRow,
  EventRow,
  FullRunRow,
  HolderRow,
  LaneRow,
  LeaseCounts,
  LeaseRow,
  LoadRow,
  OutputRow,
  OutputSizeRow,
  PauseRow,
  PipelineName,
  RunRow,
  ScopeRow,
  SessionRow,
  TaskRunRow,
  TimerRow,
} from "./rows.ts";
import type { ScheduleReader, ScheduleWriter } from "./schedule-rows.ts";
import type { SignalReader, SignalWriter } from "./signal-rows.ts";
import type { EventQuery, NewSession, RunFilter, RunId, SessionId, TaskRunFilter, VersionRecord } from "./store.ts";
import type { TriggerReader, TriggerWriter } from "./trigger-rows.ts";
import type { WatchReader, WatchTable } from "./watch-table.ts";

/**
 * A database: what the operations of this folder need of a dialect, and all that a dialect has to provide. Every rule
 * is decided above this interface, once; below it is SQL alone.
 */
export interface Database {
  migrate(): Promise<void>;
  close(): Promise<void>;
  /**
   * Runs `work` in one write transaction. It may run more than once (deadlock, lost connection), so it must not keep
   * anything but its result; what it throws rolls everything back. `ahead` may save round trips and changes nothing.
   */
  write<T>(work: (tx: Transaction) => Promise<T>, ahead?: ReadAhead): Promise<T>;
  /** Runs `work` on committed rows, in one snapshot where the dialect has one at no cost. */
  read<T>(work: (rows: Reader) => Promise<T>): Promise<T>;
  /** Reserves `count` neighbouring task-run keys for good, in a transaction of its own; gives the first. */
  reserveTaskRunKeys(count: number): Promise<number>;
}

/** Reads that no decision hangs on. */
export interface Reader {
  readonly now: Instant;
  readonly past: PastReader;
  readonly schedules: ScheduleReader;
  /** The waits of sensors. */
  readonly watches: WatchReader;
  readonly backfills: BackfillReader;
  readonly assets: AssetReader;
  readonly children: ChildReader;
  readonly cursors: CursorReader;
  readonly deadlines: DeadlineReader;
  readonly signals: SignalReader;
  readonly triggers: TriggerReader;
  version(hash: string): Promise<VersionRecord | undefined>;
  sessions(): Promise<readonly SessionRow[]>;
  run(id: RunId): Promise<FullRunRow | undefined>;
  /** Those of them that there are, in any order. */
  runsWithIds(ids: readonly RunId[]): Promise<readonly FullRunRow[]>;
  runs(filter: RunFilter): Promise<readonly FullRunRow[]>;
  leasesOfSessions(sessions: readonly SessionId[]): Promise<readonly LeaseRow[]>;
  /** They may be very many: to be taken at once, before anything else is asked. */
  taskRunsOfRun(id: RunId, filter: TaskRunFilter): Promise<Iterable<TaskRunRow>>;
  /** Task runs of a run at these places, those that exist. */
  taskRunsAt(runKey: number, positions: readonly Position[]): Promise<readonly TaskRunRow[]>;
  attempts(id: RunId, taskIndex?: number, mapKey?: string): Promise<Iterable<AttemptRow>>;
  /** Newest first. */
  deadLetters(filter: DeadLetterFilter): Promise<readonly DeadLetterRow[]>;
  deadLettersById(project: string, ids: readonly number[]): Promise<readonly DeadLetterRow[]>;
  outputs(id: RunId, taskIndexes: readonly number[]): Promise<readonly OutputRow[]>;
  /** How long the values of these task runs are, those that have one. */
  outputSizes(taskRunKeys: readonly number[]): Promise<readonly OutputSizeRow[]>;
  /** Values of these task runs, those that have one. */
  outputsOf(taskRunKeys: readonly number[]): Promise<readonly OutputRow[]>;
  /** Unless it has expired. */
  cacheEntry(project: string, key: string): Promise<CacheRow | undefined>;
  events(query: EventQuery): Promise<readonly EventRow[]>;
  newestEvent(): Promise<string | undefined>;
  /** When the next back-off is over. */
  nextRetryAt(): Promise<Instant | undefined>;
  /** When the next deadline comes. */
  nextTimerAt(): Promise<Instant | undefined>;
  /** Unfinished runs of which nothing is ready, leased, retrying or deferred. */
  stalledRuns(): Promise<readonly RunId[]>;
  /** Lanes with something ready, with the number of all their ready task runs and leases. */
  lanes(): Promise<readonly BusyLaneRow[]>;
  /** The scopes of these lanes, in the order of their names. */
  scopesOfLanes(laneIds: readonly number[]): Promise<readonly ScopeRow[]>;
  /** The same scopes, as far as backfills share them: where no session executes live runs, there are none. */
  backgroundUse(laneIds: readonly number[]): Promise<readonly BackgroundUseRow[]>;
  /** Scopes of a project whose names begin so, in their order. */
  scopes(project: string, namePrefix: string): Promise<readonly ScopeRow[]>;
  /** Pipelines of which a run waits for its place. */
  pipelinesWithQueuedRuns(): Promise<readonly PipelineName[]>;
  pipelineLoad(name: PipelineName): Promise<LoadRow>;
  /** Of each of them, in order. */
  pipelineLoads(names: readonly PipelineName[]): Promise<readonly LoadRow[]>;
  /** What tasks took in the last successful runs of a pipeline, on average for each version; its newest comes last. */
  taskDurations(name: PipelineName, runs: number): Promise<readonly DurationRow[]>;
  /** Holders of slots of these scopes, the longest first, up to `limit` in all. */
  scopeHolders(project: string, names: readonly string[], limit: number): Promise<readonly HolderRow[]>;
  pausedPipelines(project: string): Promise<readonly PauseRow[]>;
}

/** Reads under lock, and writes. A statement sees what the statements before it wrote. */
export interface Transaction extends Reader {
  readonly schedules: ScheduleWriter;
  readonly watches: WatchTable;
  readonly backfills: BackfillWriter;
  readonly assets: AssetTable;
  readonly children: ChildTable;
  readonly cursors: CursorTable;
  readonly deadlines: DeadlineTable;
  readonly signals: SignalWriter;
  readonly triggers: TriggerWriter;
  saveVersion(version: VersionRecord): Promise<void>;
  openSession(session: NewSession): Promise<void>;
  /** Whether the session was still open. */
  renewSession(session: SessionId): Promise<boolean>;
  closeSessions(sessions: readonly SessionId[]): Promise<void>;

  /** Inserts runs in state `queued`; gives their keys, ascending in order, or undefined where the id exists already. */
  insertRuns(runs: readonly RunInsert[]): Promise<readonly (number | undefined)[]>;
  insertTaskRuns(rows: readonly TaskRunInsert[]): Promise<void>;
  /** The ids of these lanes, made when missing, in order. Their scopes get the limits that are asked for. */
  laneIds(lanes: readonly LaneRequest[]): Promise<readonly number[]>;
  /** Makes scopes that are missing, and gives them all these limits. */
  declareScopes(project: string, limits: readonly ScopeLimit[]): Promise<void>;
  /** Whether the scope exists. */
  overrideScope(project: string, name: string, slots: number | null): Promise<boolean>;
  /** The newest runs of a pipeline that have ended and were not cancelled, newest first. */
  lastEndedRuns(project: string, pipeline: string, limit: number): Promise<readonly EndedRunRow[]>;
  /** Whether it was not paused before. */
  pausePipeline(pause: Omit<PauseRow, "pausedAt">): Promise<boolean>;
  /** Whether it was paused before. */
  resumePipeline(project: string, pipeline: string): Promise<boolean>;

  /**
   * Nobody else lets runs of these pipelines begin until this transaction ends. Before any other lock but the gate; one
   * after the other, as they are given: see `inLockOrder`.
   */
  lockPipelines(names: readonly PipelineName[]): Promise<void>;
  /** Runs that wait for a place, the oldest first; those that gave theirs back wait for something else. */
  queuedRuns(name: PipelineName, limit: number): Promise<readonly RunId[]>;

  /** Ready task runs of a lane, the oldest first. */
  readyTaskRuns(laneId: number, limit: number): Promise<readonly number[]>;

  /** Locks the runs of these task runs in key order. */
  lockRunsOf(taskRunKeys: readonly number[]): Promise<readonly RunRow[]>;
  lockRun(id: RunId): Promise<RunRow | undefined>;
  /** Task runs of locked runs, in key order. */
  taskRuns(keys: readonly number[]): Promise<readonly TaskRunRow[]>;
  /** The value of a task run. */
  output(taskRunKey: number): Promise<OutputRow | undefined>;
  /** Keys for task runs of items, ascending. */
  itemKeys(count: number): Promise<readonly number[]>;
  leases(taskRunKeys: readonly number[]): Promise<readonly LeaseRow[]>;
  /** Keys of those of these task runs whose dead letter is open. */
  openDeadLetters(taskRunKeys: readonly number[]): Promise<readonly number[]>;
  /**
   * The newest whole run of each interval of the same pipeline that begins before or after this run's, the nearest
   * first; at most `limit`.
   */
  neighbourRuns(of: RunId, side: "past" | "future", limit: number): Promise<readonly NeighbourRun[]>;
  /** Task runs whose back-off is over, the longest waiting first. */
  dueRetries(limit: number): Promise<readonly number[]>;

  /** Deadlines that have come, the oldest first, of a few runs. */
  dueTimers(): Promise<readonly TimerRow[]>;

  /** Writes everything; refuses as a whole if a task run is no longer in the state that was decided on. */
  apply(changes: Changes): Promise<void>;

  /** Takes the gate that all claims pass, for the rest of the transaction; false when another has it. */
  tryClaimGate(): Promise<boolean>;
  /** Waits for the gate: nothing is claimed until this transaction ends. Before any other lock. */
  closeClaimGate(): Promise<void>;
  /**
   * Lanes of the session's project that have something ready for this claim, or leases. `waiting` counts no further
   * than `slots`. Empty when the session is closed.
   */
  claimableLanes(scope: ClaimScope, slots: number): Promise<readonly LaneRow[]>;
  leaseCounts(session: SessionId): Promise<LeaseCounts>;
  /** Moves ready task runs to running, oldest first; rows as they are after that. */
  claim(grants: readonly ClaimGrant[], scope: ClaimScope): Promise<readonly ClaimedRow[]>;
  /** Puts these lanes, and their pipelines, last in the rotation, in this order. */
  rotateLanes(laneIds: readonly number[]): Promise<void>;
}

export interface ClaimGrant extends LaneGrant {
  /** Its attempts hold slots of scopes. */
  readonly isLimited: boolean;
}

export interface NeighbourRun {
  readonly key: number;
  readonly id: RunId;
}

export interface ClaimScope {
  readonly session: SessionId;
  readonly queues: readonly string[];
  /** Absent = any run. */
  readonly runs?: readonly RunId[];
}

export interface ClaimedRow {
  readonly key: number;
  readonly runKey: number;
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly attempt: number;
  readonly token: number;
  readonly lost: number;
}

export interface RunInsert {
  readonly id: RunId;
  readonly project: string;
  readonly pipeline: string;
  readonly versionHash: string;
  readonly firstKey: number;
  readonly taskCount: number;
  readonly requestKey: string;
  readonly trigger: string;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
  readonly timezone: string;
  readonly ds: string;
  readonly params: string;
  readonly onlyTasks: string | null;
  readonly borrowsFrom: string | null;
  readonly actor: string;
  /** `''` = none. */
  readonly schedule: string;
  readonly isPartial: boolean;
  readonly isWide: boolean;
  readonly backfill: number | null;
}

/** A task run as it begins: scheduled, first generation, nothing known of its upstream and gates but their number. */
export interface TaskRunInsert {
  readonly key: number;
  readonly runKey: number;
  readonly taskIndex: number;
  readonly laneId: number;
  readonly total: number;
  readonly gates: number;
}
