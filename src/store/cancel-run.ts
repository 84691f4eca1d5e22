import { operatorReason } from "../core/operator-reason.ts";
import { isRunFinished } from "../core/state.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { lockedSet } from "./settle.ts";
import { stopRun } from "./stop-run.ts";
import { storableReason } from "./storable.ts";
import type { RunId } from "./store.ts";
import type { Transaction } from "./transaction.ts";

/** What an operator's action did, without the run as it reads afterwards. */
export type OperatorOutcome =
  | { readonly kind: "done"; readonly taskRuns: number }
  | { readonly kind: "not_found" }
  | { readonly kind: "refused"; readonly message: string };

/**
 * Cancels what has not started. What runs is stopped by its session; the run is `cancelling` until the last of it has
 * ended, and cancelled at once when nothing runs. Cancelling twice changes nothing more.
 */
export async function cancelRun(
  tx: Transaction,
  pipelines: CompiledPipelines,
  id: RunId,
  actor: string,
): Promise<OperatorOutcome> {
  await tx.closeClaimGate();
  const run = await tx.lockRun(id);
  if (run === undefined) return { kind: "not_found" };
  if (run.state === "cancelling") return { kind: "done", taskRuns: 0 };
  if (isRunFinished(run.state)) {
    return { kind: "refused", message: `The run has ended already: ${run.state}. There is nothing to cancel.` };
  }
  const rows = await tx.taskRunsOfRun(id, {});
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], rows);
  const reason = storableReason(operatorReason(actor));
  const cancelled = await stopRun(tx, set, run.key, { reason, message: `Cancelled by ${actor}.`, actor });
  const details = JSON.stringify({ cancelled });
  set.audit({ project: run.project, actor, action: "cancel_run", runKey: run.key, details });
  await tx.apply(set.changes());
  return { kind: "done", taskRuns: cancelled };
}
