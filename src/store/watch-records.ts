import type { Failure } from "../core/failure.ts";
import type { Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import type { ListedItems } from "../core/map-source.ts";
import type { RunState } from "../core/state.ts";
import type { StoredValue } from "../core/value.ts";
import type { RunId } from "./run-id.ts";
import type { SessionId } from "./session-id.ts";

/** Whose polls somebody makes. */
export interface PollScope {
  readonly project: string;
  readonly queues: readonly string[];
  /** Only of these runs. */
  readonly runs?: readonly RunId[];
}

export interface PollClaim extends PollScope {
  /** Polls of a session that was reaped are nobody's: it gets none. */
  readonly session: SessionId;
  /** At most this many. */
  readonly limit: number;
}

export interface PollClaims {
  /** The store's clock. */
  readonly now: Instant;
  readonly polls: readonly Poll[];
  /** Until the next one is due; absent when nothing waits. */
  readonly nextInMs?: number;
}

/** Names one poll: whoever reports another than the last one changes nothing. */
export interface PollKey {
  readonly taskRunKey: number;
  readonly generation: number;
  readonly token: number;
}

/** One look at what a sensor waits for, to be made now and reported. */
export interface Poll extends PollKey {
  readonly runId: RunId;
  readonly taskIndex: number;
  readonly mapKey: string;
  /** Polls answered so far … */
  readonly polls: number;
  /** … and how many of the last ones went wrong. */
  readonly errors: number;
  readonly deadline: Instant;
  /** What the last poll has asked to be told. */
  readonly memory?: Json;
}

export interface PollReport extends PollKey {
  readonly result: PollResult;
}

export type PollResult =
  | {
      readonly kind: "not_yet";
      readonly waitMs: number;
      /** For people: what was there. */
      readonly seen?: string;
      /** For the next poll. */
      readonly memory?: Json;
    }
  /** The poll went wrong; it is tried again. */
  | { readonly kind: "error"; readonly waitMs: number; readonly failure: Failure }
  /** Its end: as that of an attempt. */
  | PollEnd;

export type PollEnd =
  | {
      readonly kind: "success";
      readonly output?: StoredValue;
      /** Of a list that a map goes over and that is no inline value. */
      readonly items?: ListedItems;
    }
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface PollReports {
  /** One for each report, in order. */
  readonly reports: readonly ("accepted" | "stale")[];
  /** Runs that ended with these waits. */
  readonly finishedRuns: readonly { readonly runId: RunId; readonly state: RunState }[];
  /** Running attempts were asked to stop. */
  readonly stopsRequested: boolean;
}

export interface WatchExpiry {
  /** Waits that ended because their time was over. */
  readonly expired: number;
  /** Until the next deadline; absent when there is none. */
  readonly nextInMs?: number;
}

/** The pipeline whose runs a sensor waits for. */
export interface WatchedPipeline {
  readonly project: string;
  readonly pipeline: string;
}

/** A sensor that waits, as readers see it. */
export interface WatchRecord {
  readonly taskRunKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly since: Instant;
  readonly polls: number;
  readonly errors: number;
  readonly nextPollAt: Instant;
  /** Absent until the first poll has begun. */
  readonly deadline?: Instant;
  readonly lastPollAt?: Instant;
  readonly seen?: string;
  /** Of the last poll, when it went wrong. */
  readonly failure?: Failure;
}
