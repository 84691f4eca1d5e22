import type { BackfillCalendar, BackfillRange } from "../core/backfill/backfill-range.ts";
import type { Reprocess, SkipReason } from "../core/backfill/decide-interval.ts";
import type { DataInterval, Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { IntervalOrder } from "../core/schedule/intervals-between.ts";
import type { RunState } from "../core/state.ts";
import type { BackfillId } from "./backfill-id.ts";
import type { RunId } from "./run-id.ts";

/** Backfills as callers ask for them and readers see them. */

/** What is asked for, and how it is walked: as data, so that it stays what it was when the pipeline changes. */
export interface BackfillRequest extends BackfillCalendar {
  /** As they were written. */
  readonly from: string;
  readonly to: string;
  readonly reprocess: Reprocess;
  readonly order: IntervalOrder;
  /** One run over the whole range (BF-4). */
  readonly isSingleRun: boolean;
  readonly params: Json;
}

export interface NewBackfill {
  readonly project: string;
  readonly pipeline: string;
  /** Absent for a pipeline without one. */
  readonly schedule?: string;
  readonly versionHash: string;
  /** Names what was asked for: while it is unfinished, the same request returns it (BF-5). */
  readonly requestKey: string;
  readonly request: BackfillRequest;
  readonly range: BackfillRange;
  /** In the range. */
  readonly intervals: number;
  readonly maxActive: number;
  readonly actor: string;
}

export type BackfillState = "running" | "paused" | "cancelling" | "cancelled" | "done";

export interface BackfillRecord extends NewBackfill {
  readonly id: BackfillId;
  readonly state: BackfillState;
  /** Up to where all intervals are decided; absent = none is. */
  readonly cursor?: Instant;
  /** Intervals left as they are. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** Its runs, one for each interval that it runs. */
  readonly runs: Readonly<Record<RunState, number>>;
  /** Failed runs are being run again. */
  readonly isRetrying: boolean;
  readonly createdAt: Instant;
  readonly finishedAt?: Instant;
}

export interface BackfillFilter {
  readonly project: string;
  readonly pipeline?: string;
  /** Only older ones. */
  readonly before?: BackfillId;
  readonly limit: number;
}

export interface BackfillAdvance {
  /** Runs that were made, or that run again. */
  readonly begun: readonly RunId[];
  /** Runs under way of the one that was asked for; of all together nobody needs to know them. */
  readonly active: readonly RunId[];
  /** There is more to decide at once. */
  readonly isBusy: boolean;
  /** Backfills that are not finished, and are not paused. */
  readonly open: number;
}

export interface AdvanceRequest {
  readonly project: string;
  /** This one alone. */
  readonly only?: BackfillId;
  readonly newRunId: () => RunId;
}

export type BackfillAction = "pause" | "resume" | "cancel" | "retry" | "follow";

export interface BackfillActionRequest {
  readonly project: string;
  readonly id: BackfillId;
  readonly action: BackfillAction;
  readonly actor: string;
  /** With `follow`: the version that its runs are of from now on (BF-6); it is saved already. */
  readonly versionHash?: string;
}

export type BackfillActionResult =
  | { readonly kind: "done"; readonly backfill: BackfillRecord }
  | { readonly kind: "not_found" }
  | { readonly kind: "refused"; readonly message: string };

/** A backfill that nobody has made yet. */
export type BackfillSketch = Pick<NewBackfill, "project" | "pipeline" | "schedule" | "request" | "range">;

/** What a backfill would do with its intervals as they stand now. */
export interface BackfillPreview {
  readonly runs: number;
  readonly skipped: Readonly<Record<SkipReason, number>>;
  /** In the order in which they would run: the first and the last few. */
  readonly first: readonly DataInterval[];
  readonly last: readonly DataInterval[];
  /** The first few that are left as they are, with why. */
  readonly left: readonly (DataInterval & { readonly reason: SkipReason })[];
}
