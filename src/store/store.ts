import type { Failure, ResourceUsage } from "../core/failure.ts";
import type { Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { ListedItems } from "../core/map-source.ts";
import type { ProcessIdentity } from "../core/process-identity.ts";
import type { PipelineLoad } from "../core/run-admission.ts";
import type { RunState } from "../core/state.ts";
import type { StopRequest } from "../core/stop-request.ts";
import type { StoredValue } from "../core/value.ts";
import type { AssetStore } from "./asset-store.ts";
import type { BackfillId } from "./backfill-id.ts";
import type { BackfillStore } from "./backfill-store.ts";
import type { CacheNote } from "./cache-records.ts";
import type { ChildRecord, ChildSettlement } from "./child-records.ts";
import type { CursorAdvance, CursorStore } from "./cursor-store.ts";
import type { DeadlineStore } from "./deadline-store.ts";
import type { FactStore } from "./fact-store.ts";
import type { OverflowResult, PastRelease, PauseRequest, ScopeLimitChange } from "./limit-records.ts";
import type { OperatorStore } from "./operator-store.ts";
import type { RunId } from "./run-id.ts";
import type { NewRun, RehearsedRun, RunRecord, VersionRecord } from "./run-records.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { SessionId } from "./session-id.ts";
import type { SignalStore } from "./signal-store.ts";
import type { TimerFiring } from "./timer-firing.ts";
import type { WatchStore } from "./watch-store.ts";

/**
 * The truth. Every method that writes is one short transaction (or a share of one: `complete` is group-committed) that
 * compares and sets on (state, generation, attempt, token) and writes its event rows with it. Nothing but the
 * implementations of this interface writes SQL. Rules are decided by `core` inside the transaction; callers pass facts.
 */
export interface Store
  extends AssetStore,
    BackfillStore,
    DeadlineStore,
    CursorStore,
    FactStore,
    OperatorStore,
    ScheduleStore,
    SignalStore,
    WatchStore {
  /** Brings the schema to this version's; safe to call from many processes at once and to interrupt. */
  migrate(): Promise<void>;
  close(): Promise<void>;
  /** The store's clock: the only one that decides about rows. */
  now(): Promise<Instant>;

  /** Keeps a compiled project; saving an equal hash again changes nothing. */
  saveVersion(version: VersionRecord): Promise<void>;
  version(hash: string): Promise<VersionRecord | undefined>;

  /** Creates runs with their task runs, decides the first ones, and makes them ready, in one transaction. */
  createRuns(runs: readonly NewRun[]): Promise<readonly RunRecord[]>;

  /** What saving a version and creating a run of it would do; nothing is changed. */
  rehearseRun(version: VersionRecord, run: NewRun): Promise<RehearsedRun>;

  /** Lets runs that wait begin where their pipeline has room by now, the oldest first; gives those. */
  admitRuns(): Promise<readonly RunId[]>;
  /** Skips task runs that found their key taken, or stops those that hold it, as their tasks ask for. */
  settleOverflows(): Promise<OverflowResult>;
  /** Lets task runs go whose task has succeeded or was skipped in the run before theirs (CC-6). */
  releasePast(): Promise<PastRelease>;
  /** How many runs of a pipeline are under way, wait for a place, and may be under way. */
  pipelineLoad(project: string, pipeline: string): Promise<PipelineLoad>;

  openSession(session: NewSession): Promise<SessionId>;
  /** One row per session, to which its leases point. Says which of its attempts the session must stop. */
  renewSession(session: SessionId): Promise<SessionRenewal>;
  /** Ends a session that holds nothing any more; what it still holds is reaped as lost. */
  closeSession(session: SessionId): Promise<void>;
  /** Every session not yet closed. */
  sessions(): Promise<readonly SessionRecord[]>;
  /** Declares sessions dead: their attempts are lost and replaced at once, or failed past the limit (ST-5). */
  reapSessions(sessions: readonly SessionId[]): Promise<readonly LostAttempt[]>;

  /**
   * Ends attempts and claims new ones in one transaction. A completion whose token is not the current one changes
   * nothing and is answered `stale`. Claims pass one gate; `core.plan` says how many from which lane.
   */
  completeAndClaim(completions: readonly Completion[], claim: ClaimRequest | undefined): Promise<ExchangeResult>;
  /** Moves task runs whose back-off is over from retrying to queued. */
  releaseRetries(): Promise<RetryRelease>;

  /** Ends the waits of task runs for runs of other pipelines; cancels runs for which nobody waits any more. */
  settleChildren(): Promise<ChildSettlement>;
  /** Runs that a run has started, and that those have started, whose start is not long over: the oldest first. */
  descendants(run: RunId): Promise<readonly ChildRecord[]>;
  /** Carries out time-outs that have come: of runs (RS-4, RS-7) and of task runs (RT-4). Tells of deadlines that are missed. */
  fireTimers(): Promise<TimerFiring>;

  /** Cancels what has not started; what runs is asked to stop, which its session sees by `leasesOf`. */
  cancelRun(run: RunId, actor: string): Promise<OperatorResult>;
  /** The attempts a session holds, and which of them it is to stop. One that is missing is its own no longer. */
  leasesOf(session: SessionId): Promise<readonly LeaseRecord[]>;
  /** The claims a session holds, for one that may not have heard the answer to its last. */
  claimsOf(session: SessionId): Promise<readonly Claim[]>;
  /** Clears task runs of a finished run into a new generation, with what hangs on them (RT-6). */
  rerun(run: RunId, which: "all" | "failed", actor: string): Promise<OperatorResult>;
  /** Runs with unfinished task runs of which none is ready, leased, retrying or deferred: a defect (RS-3); fails them. */
  failStalledRuns(): Promise<readonly RunId[]>;

  /** Nothing of the pipeline starts any more; what runs goes on. False: it was paused already, and stays as it was. */
  pausePipeline(pause: PauseRequest): Promise<boolean>;
  /** False: it was not paused. */
  resumePipeline(resume: PauseRequest): Promise<boolean>;
  /** An operator's limit in place of the declared one, for what starts from now on. False: there is no such scope. */
  setScopeLimit(change: ScopeLimitChange): Promise<boolean>;
}

export type { BackfillAdvance } from "./backfill-records.ts";
export type { EventPage, EventQuery, EventRecord, RunStart } from "./fact-store.ts";
export type {
  AttemptRecord,
  NewRun,
  RehearsedRun,
  RunFilter,
  RunRecord,
  RunTrigger,
  TaskRunFilter,
  TaskRunRecord,
  VersionRecord,
} from "./run-records.ts";
export type { BackfillId, RunId, SessionId, TimerFiring };

/** Who runs attempts: one process of Batuta on one host. */
export interface NewSession {
  readonly id: SessionId;
  readonly project: string;
  /** `run`: a `batuta run` that executes its own run; `server`: owns the store, so that `run` becomes its client. */
  readonly role: "run" | "server";
  readonly process: ProcessIdentity;
  readonly leaseMs: number;
  /**
   * The runs this session executes; null = all of the project's. An unfinished run that no open session executes is an
   * orphan, which `batuta run` resumes.
   */
  readonly runs: readonly RunId[] | null;
  /** The backfill whose runs it executes beside those. */
  readonly backfill?: BackfillId;
}

export type { ProcessIdentity };

export interface SessionRecord extends NewSession {
  readonly openedAt: Instant;
  readonly renewedAt: Instant;
}

export interface SessionRenewal {
  /** False: the session was reaped; its process must stop everything it runs. */
  readonly alive: boolean;
}

export interface AttemptKey {
  readonly taskRunKey: number;
  readonly token: number;
}

export interface LeaseRecord extends AttemptKey {
  /** Absent = it may run on. */
  readonly stop?: StopRequest;
}

export interface Claim extends AttemptKey {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
  readonly attempt: number;
  readonly lost: number;
}

export interface ClaimRequest {
  readonly session: SessionId;
  /** At most this many. */
  readonly slots: number;
  /** All that the session has, of which backfills get their share (BF-3); absent = it does not share them. */
  readonly capacity?: number;
  readonly queues: readonly string[];
  /** Only task runs of these runs. */
  readonly runs?: readonly RunId[];
}

export interface Completion extends AttemptKey {
  readonly session: SessionId;
  readonly usage?: ResourceUsage;
  readonly result: CompletionResult;
  /** Of a task with a result cache. */
  readonly cache?: CacheNote;
  /** A run to create with it: waited for when the result is `deferred`. */
  readonly child?: NewRun;
}

export type CompletionResult =
  | {
      readonly kind: "success";
      readonly output?: StoredValue;
      /** `done_when` when the work was found done. */
      readonly reason?: string;
      readonly materialisations?: readonly Materialisation[];
      /** Of a list that a map goes over and that is no inline value: what the executor counted. */
      readonly items?: ListedItems;
      /** Of a task with a cursor that has read on. */
      readonly cursor?: CursorAdvance;
    }
  | { readonly kind: "skipped"; readonly reason: string }
  /** It goes on waiting without a process: for the run in `child`. */
  | { readonly kind: "deferred"; readonly reason: string }
  /** The engine decided, by core's retry rules, that attempts are left. */
  | { readonly kind: "retrying"; readonly failure: Failure; readonly delayMs: number }
  | { readonly kind: "failed"; readonly failure: Failure }
  | { readonly kind: "cancelled"; readonly failure: Failure }
  /** The process vanished through no fault of the task: replaced as ST-5 says. */
  | { readonly kind: "lost"; readonly failure: Failure };

export interface Materialisation {
  readonly asset: string;
  readonly metadata?: Json;
}

export interface ExchangeResult {
  /** One for each completion, in order. */
  readonly completions: readonly ("accepted" | "stale")[];
  readonly claims: readonly Claim[];
  /** Runs that these completions ended. */
  readonly finishedRuns: readonly { readonly runId: RunId; readonly state: RunState }[];
  /** The gate was taken by another: claim again at the next flush. */
  readonly gateMissed: boolean;
  /** When the earliest back-off that this call began will be over, on the store's clock. */
  readonly nextRetryInMs?: number;
  /** Sensors have begun to wait: their first poll is due. */
  readonly watchesBegun?: true;
  /** Running attempts were asked to stop: whoever holds them may look at once. */
  readonly stopsRequested?: true;
  /** When the earliest deadline that this call began will come. */
  readonly nextTimerInMs?: number;
  /** When a rate that holds something lets an attempt start again. */
  readonly nextClaimInMs?: number;
  /** Ready task runs found their key taken and are not to wait for it: `settleOverflows` sees to them. */
  readonly keysTaken?: true;
}

export interface RetryRelease {
  readonly released: number;
  /** Until the next back-off is over; absent when none waits. */
  readonly nextInMs?: number;
}

export interface LostAttempt extends AttemptKey {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly sessionId: SessionId;
  /** Failed for good: the limit of replacements was reached. */
  readonly final: boolean;
}

export type OperatorResult =
  | { readonly kind: "done"; readonly run: RunRecord; readonly taskRuns: number }
  | { readonly kind: "not_found" }
  /** The state forbids it; the sentence says why and what to do. */
  | { readonly kind: "refused"; readonly message: string };
