import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { LeaseRow, SessionRow } from "./rows.ts";
import { settle } from "./settle.ts";
import type { Completion, LostAttempt, SessionId } from "./store.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Ends sessions; the attempts they still hold are lost, and replaced at once or failed past the limit (ST-5). A session
 * that has ended is never reaped again, so no attempt is lost twice.
 */
export async function reapSessions(
  tx: Transaction,
  pipelines: CompiledPipelines,
  ids: readonly SessionId[],
): Promise<readonly LostAttempt[]> {
  await tx.closeClaimGate();
  const [leases, open] = await Promise.all([tx.leasesOfSessions(ids), tx.sessions()]);
  const lost = leases.length === 0 ? [] : await loseAttempts(tx, pipelines, { leases, open });
  // After the runs were locked: the first write gives the transaction its place among the events.
  await tx.closeSessions(ids);
  await tx.watches.giveBack(ids);
  return lost;
}

interface Held {
  readonly leases: readonly LeaseRow[];
  readonly open: readonly SessionRow[];
}

async function loseAttempts(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { leases, open }: Held,
): Promise<readonly LostAttempt[]> {
  const sessions = new Map(open.map((session) => [session.id, session]));
  const losses = leases.map((lease) => lossOf(lease, sessions.get(lease.sessionId)));
  const { set, verdicts } = await settle(tx, pipelines, losses);
  await tx.apply(set.changes());
  return verdicts.flatMap((verdict, index) => {
    const lease = leases[index];
    if (verdict.kind === "stale" || lease === undefined) return [];
    const { taskRun } = verdict;
    const { taskRunKey, token, sessionId } = lease;
    const { taskIndex, runKey, state } = taskRun;
    const runId = set.run(runKey).after.id;
    return [{ taskRunKey, token, runId, taskIndex, sessionId, final: state === "failed" }];
  });
}

function lossOf({ taskRunKey, token, sessionId }: LeaseRow, session: SessionRow | undefined): Completion {
  const who = session === undefined ? "" : ` (process ${session.pid} on ${session.hostname})`;
  const message = `The worker that ran this attempt is gone${who}.`;
  return { taskRunKey, token, session: sessionId, result: { kind: "lost", failure: { reason: "lost", message } } };
}
