import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { lockedSet } from "./settle.ts";
import type { RetryRelease } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";

/** Whether a back-off is over, without a transaction: most polls find nothing. */
export async function retriesDue(rows: Reader): Promise<RetryRelease | "due"> {
  const at = await rows.nextRetryAt();
  if (at === undefined) return { released: 0 };
  return at <= rows.now ? "due" : { released: 0, nextInMs: at - rows.now };
}

/** Moves task runs whose back-off is over from retrying to queued. */
export async function releaseRetries(tx: Transaction, pipelines: CompiledPipelines): Promise<RetryRelease> {
  const keys = await tx.dueRetries(RELEASE_BATCH_MAX);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  const rows = await tx.taskRuns(keys);
  set.addTaskRuns(keys, rows);
  const due = rows.filter(({ state, dueAt }) => state === "retrying" && dueAt !== null && dueAt <= tx.now);
  for (const { key } of due) set.move(key, "queued");
  await tx.apply(set.changes());
  const next = await tx.nextRetryAt();
  return { released: due.length, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

/** Task runs in one transaction; the rest follows in the next call, at once. */
const RELEASE_BATCH_MAX = 1_000;
