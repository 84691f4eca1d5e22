import type { DataInterval, Instant } from "../core/instant.ts";
import type { IntervalRun } from "../core/sensors/interval-cover.ts";
import type { RunId } from "./run-id.ts";
import type { SessionId } from "./session-id.ts";
import type { PollClaim, PollKey, PollScope, WatchedPipeline } from "./watch-records.ts";

/** A sensor that begins to wait. */
export interface WatchInsert {
  readonly taskRunKey: number;
  readonly runKey: number;
  readonly generation: number;
  readonly project: string;
  readonly queue: string;
  /** Larger than that of any poll of an earlier wait of the same task run. */
  readonly token: number;
  readonly lostPollMs: number;
  readonly timeoutMs: number;
}

export interface WatchRow extends PollKey {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly since: Instant;
  readonly polls: number;
  readonly errors: number;
  readonly nextPollAt: Instant;
  readonly deadline: Instant | null;
  readonly lastPollAt: Instant | null;
  readonly seen: string | null;
  /** JSON of a `Failure`. */
  readonly failure: string | null;
  /** JSON. */
  readonly memory: string | null;
}

/** A poll after which the wait goes on. */
export interface WatchUpdate extends PollKey {
  readonly waitMs: number;
  readonly isError: boolean;
  /** As they were when null. */
  readonly seen: string | null;
  readonly memory: string | null;
  /** Of this poll. */
  readonly failure: string | null;
}

export interface WatchReader {
  /** When the next poll of these is due. */
  nextPollAt(scope: PollScope): Promise<Instant | undefined>;
  nextDeadline(): Promise<Instant | undefined>;
  runsMeeting(name: WatchedPipeline, interval: DataInterval): Promise<readonly IntervalRun[]>;
  ofRun(run: RunId): Promise<readonly WatchRow[]>;
}

/** The waits of sensors, as a transaction reads and writes them; they begin and end with `Transaction.apply`. */
export interface WatchTable extends WatchReader {
  /** Takes due polls: each is due again when it is lost, and the first fixes the deadline. Rows as they are after that. */
  claim(claim: PollClaim): Promise<readonly WatchRow[]>;
  /** Those of these polls that were the last of their wait. */
  update(updates: readonly WatchUpdate[]): Promise<readonly PollKey[]>;
  /** Polls that these sessions have taken and not reported are due at once. */
  giveBack(sessions: readonly SessionId[]): Promise<void>;
  /** Waits of task runs of locked runs. */
  ofTaskRuns(taskRunKeys: readonly number[]): Promise<readonly PollKey[]>;
  /** Task runs whose deadline has come, the oldest first. */
  expired(limit: number): Promise<readonly number[]>;
}
