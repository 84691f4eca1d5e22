import type { Instant } from "./instant.ts";
import type { KeyOverflowing, ScopeShare } from "./scope.ts";

/**
 * Everything that limits a ready task run. Task runs with equal keys wait in one lane, so a claim costs as many steps
 * as there are lanes, however many wait in them.
 */
export interface LaneKey {
  readonly project: string;
  readonly queue: string;
  readonly priority: number;
  readonly pipeline: string;
  /** What each of its task runs takes while it runs, sorted by name. */
  readonly scopes: readonly ScopeShare[];
}

/** A lane as the claim sees it. */
export interface LaneView {
  readonly id: number;
  readonly key: LaneKey;
  /** Ready task runs; exact up to the number of slots asked for, which is all the plan needs. */
  readonly waiting: number;
  /** Rotation: the lane served longest ago has the smallest number. */
  readonly servedAt: number;
  /** When its pipeline was served at this priority in this queue, by whichever lane; absent = never. */
  readonly pipelineServedAt?: number;
  /** Its pipeline is paused. */
  readonly paused: boolean;
}

export interface LaneGrant {
  readonly laneId: number;
  readonly count: number;
}

export interface LanePlan {
  readonly grants: readonly LaneGrant[];
  /** Lanes of which something waits on, and all that holds it. */
  readonly held: readonly { readonly laneId: number; readonly holds: readonly Hold[] }[];
  /** Those that are not to wait for what holds them. */
  readonly overflows: readonly KeyOverflowing[];
  /** When the first rate that holds something lets an attempt start again, or the first hours open. */
  readonly nextAt?: Instant;
}

/** One thing that holds a ready task run. */
export type Hold =
  /** Whoever claims has no slot free. */
  | { readonly kind: "no_free_slot" }
  /** It is of a backfill, and those leave some slots free for live runs: of whoever claims, or of a scope. */
  | { readonly kind: "background"; readonly scope?: string }
  | { readonly kind: "paused" }
  /** A scope has too few slots free; `slots` of 0 = closed. */
  | {
      readonly kind: "slots";
      readonly scope: string;
      readonly slots: number;
      readonly used: number;
      readonly weight: number;
    }
  /** Another lane, whose turn it is, needs several slots of the scope: they are kept for it until it has them. */
  | { readonly kind: "kept"; readonly scope: string }
  | {
      /** Its hours are closed. */
      readonly kind: "hours";
      readonly scope: string;
      readonly opensAt?: Instant;
    }
  | {
      readonly kind: "rate";
      readonly scope: string;
      readonly limit: number;
      readonly perMs: number;
      readonly freeAt?: Instant;
    };
