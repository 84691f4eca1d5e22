import type { Instant } from "../core/instant.ts";
import type { PastSuccessRow, PastWaitRow, PipelineName, RunRow } from "./rows.ts";
import type { RunId } from "./run-id.ts";
import type { IntervalPlace } from "./run-records.ts";

/** What lies before the interval of a run, by pipeline and schedule. */
export interface PastReader {
  /** Deferred task runs with this reason, in the order of their runs' intervals. */
  waits(reason: string): Promise<readonly PastWaitRow[]>;
  /** Runs of the same pipeline and schedule with an earlier interval: the latest first, and the newest of each. */
  earlierRuns(place: PastPlace, page: RunPage): Promise<readonly Pick<RunRow, "id" | "versionHash">[]>;
  /** Of the successful runs of a whole pipeline with an earlier interval the latest, and the newest of its interval. */
  success(place: IntervalPlace): Promise<PastSuccessRow | undefined>;
  /** The same for the intervals of these runs, those that have one before them. */
  successesBefore(runs: readonly RunId[]): Promise<readonly (PastSuccessRow & { readonly before: RunId })[]>;
  /** Whether nothing of a run is ready or leased, and so many of it wait. */
  waitsAlone(runKey: number, waits: number): Promise<boolean>;
}

export interface PastPlace extends PipelineName {
  /** Empty for runs of none. */
  readonly schedule: string;
  readonly intervalStart: Instant;
  readonly intervalEnd: Instant;
}

export interface RunPage {
  readonly limit: number;
  readonly skipped: number;
}
