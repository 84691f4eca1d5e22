import { planClaims } from "../core/lane-plan.ts";
import { toLaneView } from "./records.ts";
import type { Claim, ClaimRequest } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Claims under the gate: reads the lanes with their leases, lets core say how many from which, takes them oldest
 * first, and notes one event each.
 */
export async function claim(tx: Transaction, set: WorkingSet, request: ClaimRequest): Promise<readonly Claim[]> {
  const { session, queues, runs } = request;
  const slots = Math.min(request.slots, CLAIM_BATCH_MAX);
  const scope = { session, queues, ...(runs === undefined ? {} : { runs }) };
  const lanes = (await tx.claimableLanes(scope, slots)).map(toLaneView);
  const { grants } = planClaims(lanes, slots);
  if (grants.length === 0) return [];
  const claimed = await tx.claim(grants, scope);
  // A lane alone is overtaken by none, so its turn need not be written.
  if (lanes.length > 1) await tx.rotateLanes(grants.map((grant) => grant.laneId));
  for (const { runKey, taskIndex, mapKey, generation, attempt, token } of claimed) {
    const change = { from: "queued", to: "running", generation, attempt, token } as const;
    set.note(runKey, { kind: "task_state", taskIndex, mapKey, ...change });
  }
  return claimed.map(({ key, runKey: _, ...row }) => ({ taskRunKey: key, ...row }));
}

/** Task runs in one transaction. */
const CLAIM_BATCH_MAX = 1_000;
