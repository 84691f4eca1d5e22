import type { Claim, SessionId } from "./store.ts";
import type { Transaction } from "./transaction.ts";

/** What a session holds, as its claims were answered or would have been. */
export async function claimsOf(tx: Transaction, session: SessionId): Promise<readonly Claim[]> {
  const leases = new Map((await tx.leasesOfSessions([session])).map(({ taskRunKey, token }) => [taskRunKey, token]));
  const keys = [...leases.keys()];
  if (keys.length === 0) return [];
  const runs = new Map((await tx.lockRunsOf(keys)).map(({ key, id }) => [key, id]));
  const rows = await tx.taskRuns(keys);
  // Read again under the lock: one that has ended meanwhile is held no longer.
  return rows.flatMap(({ key, runKey, taskIndex, mapKey, state, generation, attempt, token, lost }) => {
    const runId = runs.get(runKey);
    if (runId === undefined || state !== "running" || leases.get(key) !== token) return [];
    return [{ taskRunKey: key, token, runId, taskIndex, mapKey, generation, attempt, lost }];
  });
}
