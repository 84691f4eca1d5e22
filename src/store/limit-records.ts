import type { Instant } from "../core/instant.ts";
import type { Hold, LaneKey } from "../core/lane.ts";
import type { ScopeLimit, ScopeView } from "../core/scope.ts";

/** What readers of the store see of lanes, limits and pauses, and what operators ask for. */

export interface LaneRecord {
  readonly id: number;
  readonly key: LaneKey;
  readonly waiting: number;
  readonly running: number;
  /** All that holds one more task run of it, whoever's slots are free; none = the next claim takes it. */
  readonly holds: readonly Hold[];
}

/** A pool, a tag or whatever else is shared, with its limit and what is in use of it. */
export interface ScopeRecord extends ScopeView {
  readonly project: string;
  /** The limit of the version used last; absent = none. */
  readonly declared?: number;
  /** What an operator has set in its place. */
  readonly override?: number;
}

/** A task run that holds slots of a scope. */
export interface HolderRecord {
  readonly scope: string;
  readonly runId: string;
  readonly pipeline: string;
  readonly task: string;
  readonly mapKey: string;
  readonly weight: number;
  readonly since: Instant;
  /** It waits, and keeps its slots. */
  readonly isDeferred: boolean;
}

export interface PastRelease {
  /** Task runs that waited for the run before theirs. */
  readonly waiting: number;
  /** Those that may go on now. */
  readonly opened: number;
  /** Runs that gave their place to another. */
  readonly givenBack: number;
}

export interface OverflowResult {
  readonly skipped: number;
  /** Running attempts that were asked to stop. */
  readonly stopped: number;
}

export interface PausedPipeline {
  readonly project: string;
  readonly pipeline: string;
  readonly pausedAt: Instant;
  readonly pausedBy: string;
  readonly reason?: string;
}

export interface PauseRequest {
  readonly project: string;
  readonly pipeline: string;
  readonly actor: string;
  readonly reason?: string;
}

export interface ScopeLimitChange {
  readonly project: string;
  /** `pool:warehouse`, `tag:heavy`, … */
  readonly name: string;
  /** null = what the project says. */
  readonly slots: number | null;
  /** What the project says: makes a scope that nothing has used yet. */
  readonly declared?: ScopeLimit;
  readonly actor: string;
}
