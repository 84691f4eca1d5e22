import type { Ended, NodeChange } from "../core/node-decision.ts";

/** What is still to be done once a map has been expanded or a group is tried again. */
export interface FollowUp {
  /** Counted at no dependant yet. */
  readonly ended: readonly Ended[];
  /** Decided beyond that. */
  readonly changes: readonly NodeChange[];
  /** The whole run has been counted anew: what had ended before is in its counts. */
  readonly recounted?: true;
}

export const NO_FOLLOW_UP: FollowUp = { ended: [], changes: [] };
