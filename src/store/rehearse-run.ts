import { createRuns, type PlannedRun } from "./create-runs.ts";
import { declaredLimits } from "./limits.ts";
import { toRunRecord, toTaskRunRecord } from "./records.ts";
import type { NewRun, RehearsedRun, VersionRecord } from "./run-records.ts";
import type { Transaction } from "./transaction.ts";

/** Keys that nobody reserves: those of a rehearsal are gone with it. */
const REHEARSED_KEY = 2 ** 52;

export async function createForRehearsal(
  tx: Transaction,
  version: VersionRecord,
  run: NewRun,
  plan: (tx: Transaction) => Promise<Omit<PlannedRun, "firstKey">>,
): Promise<RehearsedRun> {
  await tx.saveVersion(version);
  const limits = declaredLimits(version);
  if (limits.length > 0) await tx.declareScopes(version.project, limits);
  await createRuns(tx, [{ ...(await plan(tx)), firstKey: REHEARSED_KEY }]);
  const created = await tx.run(run.id);
  if (created === undefined) throw new Error(`Run ${run.id} was not created.`);
  const rows = await tx.taskRunsOfRun(run.id, {});
  return { run: toRunRecord(created), taskRuns: Array.from(rows, (row) => toTaskRunRecord(row, run.id)) };
}
