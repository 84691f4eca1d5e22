import type { PauseRequest } from "./limit-records.ts";

import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** Nothing of the pipeline is claimed or admitted once this has committed; what runs goes on. */
export async function pausePipeline(
  tx: Transaction,
  { project, pipeline, actor, reason }: PauseRequest,
): Promise<boolean> {
  await tx.closeClaimGate();
  // Who fires schedules holds it: what is created after this has committed has seen it.
  await tx.lockPipelines([{ project, pipeline }]);
  if (!(await tx.pausePipeline({ project, pipeline, pausedBy: actor, reason: reason ?? null }))) return false;
  await tx.schedules.restSchedules({ project, pipeline });
  await audit(tx, "pause", { project, pipeline, actor, ...(reason === undefined ? {} : { reason }) });
  return true;
}

export async function resumePipeline(tx: Transaction, { project, pipeline, actor }: PauseRequest): Promise<boolean> {
  if (!(await tx.resumePipeline(project, pipeline))) return false;
  await tx.schedules.wakeSchedules({ project, pipeline });
  await audit(tx, "resume", { project, pipeline, actor });
  return true;
}

async function audit(tx: Transaction, action: "pause" | "resume", request: PauseRequest): Promise<void> {
  const { project, actor, ...details } = request;
  const set = new WorkingSet(tx.now);
  set.audit({ project, actor, action, runKey: null, details: JSON.stringify(details) });
  await tx.apply(set.changes());
}
