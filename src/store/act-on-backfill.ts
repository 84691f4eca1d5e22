import { backfillScope } from "../core/background-share.ts";
import type { BackfillActionRequest } from "./backfill-records.ts";
import type { BackfillRow } from "./backfill-rows.ts";
import { auditBackfill } from "./create-backfill.ts";
import type { Transaction } from "./transaction.ts";

/** Does by hand what is asked, under the lock of the pipeline; a sentence when it cannot be. */
export async function actOnBackfill(
  tx: Transaction,
  seen: BackfillRow,
  request: BackfillActionRequest,
): Promise<string | undefined> {
  // Nothing of it is claimed by whoever claims at the same time.
  if (request.action === "pause") await tx.closeClaimGate();
  await tx.lockPipelines([seen]);
  const row = await tx.backfills.backfill(seen.project, seen.key);
  if (row === undefined) throw new Error(`Backfill ${seen.key} has vanished`);
  const refusal = refusalOf(row, request);
  if (refusal !== undefined) return refusal;
  const after = await changed(tx, row, request);
  if (typeof after === "string") return after;
  await tx.backfills.update(after);
  if (after.state !== row.state) await openLanes(tx, after);
  const { actor, action, versionHash } = request;
  const version = versionHash === undefined ? {} : { version: versionHash };
  await auditBackfill(tx, row, { actor, action: `${action}_backfill`, ...version });
  return undefined;
}

/** The states in which an action does something. */
const POSSIBLE = {
  pause: ["running"],
  resume: ["paused"],
  cancel: ["running", "paused"],
  retry: ["running", "paused", "done"],
  follow: ["running", "paused", "done"],
} as const satisfies Readonly<Record<BackfillActionRequest["action"], readonly BackfillRow["state"][]>>;

function refusalOf({ key, state }: BackfillRow, { action }: BackfillActionRequest): string | undefined {
  const possible: readonly string[] = POSSIBLE[action];
  if (possible.includes(state)) return undefined;
  const hint = state === "cancelled" ? " Ask for the same range again to go on with what is left." : "";
  return `Backfill ${key} is ${state}: there is nothing to ${action}.${hint}`;
}

async function changed(
  tx: Transaction,
  row: BackfillRow,
  { action, versionHash }: BackfillActionRequest,
): Promise<BackfillRow | string> {
  switch (action) {
    case "pause":
      return { ...row, state: "paused" };
    case "resume":
      return { ...row, state: "running" };
    case "cancel":
      return { ...row, state: "cancelling", retryAfter: null, retryUntil: null };
    case "follow":
      return { ...row, versionHash: versionHash ?? row.versionHash };
    case "retry":
      return retried(tx, row);
  }
}

/** Those that have failed until now: what fails again is not tried for ever. */
async function retried(tx: Transaction, row: BackfillRow): Promise<BackfillRow | string> {
  const until = await tx.backfills.lastFailedRun(row.key);
  if (until === undefined) return `Nothing of backfill ${row.key} has failed.`;
  const marks = { retryAfter: 0, retryUntil: until };
  if (row.state !== "done") return { ...row, ...marks };
  const other = await tx.backfills.unfinishedByRequest(row.project, row.requestKey);
  if (other !== undefined) return `The same was asked for again, and is under way as backfill ${other.key}.`;
  return { ...row, ...marks, state: "running", finishedAt: null };
}

/** The lanes of a paused backfill are closed; what runs goes on. One that is cancelled needs them for tear-downs. */
async function openLanes(tx: Transaction, { project, key, state }: BackfillRow): Promise<void> {
  const name = backfillScope(key);
  await tx.declareScopes(project, [{ name }]);
  await tx.overrideScope(project, name, state === "paused" ? 0 : null);
}
