import type { DataInterval } from "../core/instant.ts";
import type { IntervalRun } from "../core/sensors/interval-cover.ts";
import type { RunId } from "./run-id.ts";
import type {
  PollClaim,
  PollClaims,
  PollReport,
  PollReports,
  WatchExpiry,
  WatchedPipeline,
  WatchRecord,
} from "./watch-records.ts";

/** What sensors need of a store (WT-1). A wait is a row; whoever looks for it holds nothing but the number of its poll. */
export interface WatchStore {
  /**
   * Takes polls that are due, the longest waiting first. The first poll of a wait fixes its deadline. One that is never
   * reported is due again when its time is over.
   */
  claimPolls(claim: PollClaim): Promise<PollClaims>;
  /** Writes down what polls have found, and ends the waits that are over. An older poll than the last is `stale`. */
  reportPolls(reports: readonly PollReport[]): Promise<PollReports>;
  /** Ends waits whose deadline has come: failed, or skipped where the sensor says so. */
  expireWatches(): Promise<WatchExpiry>;
  /** Runs of a pipeline whose intervals may meet one, newest first: all of them, but for intervals of a very long time. */
  runsMeeting(name: WatchedPipeline, interval: DataInterval): Promise<readonly IntervalRun[]>;
  /** Sensors of a run that wait, in the order of its tasks. */
  watches(run: RunId): Promise<readonly WatchRecord[]>;
}
