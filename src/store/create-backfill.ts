import type { NewBackfill } from "./backfill-records.ts";
import type { BackfillRow } from "./backfill-rows.ts";
import type { AuditInsert } from "./changes.ts";
import type { Transaction } from "./transaction.ts";
import { WorkingSet } from "./working-set.ts";

/** Begins a backfill, or finds the unfinished one of the same request; its version is saved already. */
export async function createBackfill(
  tx: Transaction,
  wanted: NewBackfill,
): Promise<{ readonly row: BackfillRow; readonly isNew: boolean }> {
  const { project, pipeline, versionHash, requestKey, request, range, intervals, maxActive, actor } = wanted;
  await tx.lockPipelines([{ project, pipeline }]);
  const known = await tx.backfills.unfinishedByRequest(project, requestKey);
  if (known !== undefined) return { row: known, isNew: false };
  const key = await tx.backfills.insert({
    ...{ project, pipeline, versionHash, requestKey, intervals, maxActive, actor },
    schedule: wanted.schedule ?? "",
    request: JSON.stringify(request),
    rangeStart: range.start,
    rangeEnd: range.end,
  });
  const row = key === undefined ? undefined : await tx.backfills.backfill(project, key);
  if (row === undefined) throw new Error(`No backfill of ${pipeline} was made: is its version ${versionHash} saved?`);
  await auditBackfill(tx, row, { actor, action: "backfill", pipeline, from: request.from, to: request.to, intervals });
  return { row, isNew: true };
}

/** Who did what to a backfill. */
export async function auditBackfill(
  tx: Transaction,
  { project, key }: Pick<BackfillRow, "project" | "key">,
  {
    actor,
    action,
    ...details
  }: { readonly actor: string; readonly action: AuditInsert["action"]; readonly [detail: string]: unknown },
): Promise<void> {
  const set = new WorkingSet(tx.now);
  set.audit({ project, actor, action, runKey: null, details: JSON.stringify({ backfill: key, ...details }) });
  await tx.apply(set.changes());
}
