import { type BackgroundUse, isBackground } from "../core/background-share.ts";
import type { LaneView } from "../core/lane.ts";
import { planClaims } from "../core/lane-plan.ts";
import { limitsOf } from "./lane-limits.ts";
import { toLaneView, toScopeView } from "./lane-records.ts";
import type { ClaimRequest, ExchangeResult } from "./store.ts";
import type { ClaimedRow, Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/**
 * Claims behind the gate: reads the lanes with their leases, lets core say how many from which, takes them oldest
 * first, and writes one event each.
 */
export async function claimBehindGate(tx: Transaction, request: ClaimRequest): Promise<ClaimAnswer> {
  const { session, queues, runs, slots: asked } = request;
  const slots = Math.min(asked, CLAIM_BATCH_MAX);
  const scope = { session, queues, ...(runs === undefined ? {} : { runs }) };
  // Two statements in this order: the lanes are read after the gate is taken, so that no claim is overlooked.
  const [hasGate, rows] = await Promise.all([tx.tryClaimGate(), tx.claimableLanes(scope, slots)]);
  if (!hasGate) return { claims: [], gateMissed: true };
  const lanes = rows.map(toLaneView);
  const [limits, background] = await Promise.all([limitsOf(tx, lanes), backgroundUse(tx, request, lanes)]);
  const free = { slots, now: tx.now, ...background };
  const { grants, nextAt, overflows } = planClaims(lanes, limits.map(toScopeView), free);
  const next = {
    ...(nextAt === undefined ? {} : { nextClaimInMs: nextAt - tx.now }),
    ...(overflows.length === 0 ? {} : { keysTaken: true as const }),
  };
  if (grants.length === 0) return { claims: [], gateMissed: false, ...next };
  const limited = new Set(lanes.filter(({ key }) => key.scopes.length > 0).map(({ id }) => id));
  const claimed = await tx.claim(
    grants.map((grant) => ({ ...grant, isLimited: limited.has(grant.laneId) })),
    scope,
  );
  // A lane alone is overtaken by none, so its turn need not be written.
  if (lanes.length > 1) await tx.rotateLanes(grants.map((grant) => grant.laneId));
  await writeEvents(tx, claimed);
  const granted = grants.reduce((sum, { count }) => sum + count, 0);
  // What could not be taken yet is there for the next flush: the same as if the gate had been missed for it.
  return { claims: claimed.map(toClaim), gateMissed: claimed.length < granted, ...next };
}

type ClaimAnswer = Pick<ExchangeResult, "claims" | "gateMissed" | "nextClaimInMs" | "keysTaken">;

/** Asked for only while a backfill waits; who claims for some runs alone shares its slots with nobody. */
async function backgroundUse(
  tx: Transaction,
  { session, capacity, runs }: ClaimRequest,
  lanes: readonly LaneView[],
): Promise<{ readonly background?: BackgroundUse }> {
  if (capacity === undefined || runs !== undefined || !lanes.some(isBackground)) return {};
  return { background: { slots: capacity, ...(await tx.leaseCounts(session)) } };
}

async function writeEvents(tx: Transaction, claimed: readonly ClaimedRow[]): Promise<void> {
  const set = new WorkingSet(tx.now);
  for (const { runKey, taskIndex, mapKey, generation, attempt, token } of claimed) {
    const change = { from: "queued", to: "running", generation, attempt, token } as const;
    set.note(runKey, { kind: "task_state", taskIndex, mapKey, ...change });
  }
  await tx.apply(set.changes());
}

function toClaim({ key, runKey: _, ...row }: ClaimedRow): ExchangeResult["claims"][number] {
  return { taskRunKey: key, ...row };
}

/** Task runs in one transaction. */
const CLAIM_BATCH_MAX = 1_000;
