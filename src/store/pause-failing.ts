import { isSeriesOfFailures } from "../core/run-outcome.ts";
import type { RunInWork } from "./rows-in-work.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Who pauses a pipeline that fails again and again. */
const RULE = "pauseAfterFailures";

/**
 * Pauses the pipelines of which a run has failed now, when so many in a row have as they say (RS-6), in the transaction
 * that ends the run. The newest ended runs count, those that were cancelled do not. After a resume the series goes on:
 * one more failure pauses it again, a success ends it.
 */
export async function pauseFailing(tx: Transaction, set: WorkingSet): Promise<void> {
  const failed = set.runs().filter(({ before, after }) => after.state === "failed" && before.state !== "failed");
  for (const run of failed) {
    const limit = run.pipeline.spec.pauseAfterFailures;
    if (limit !== undefined) await pauseAfter(tx, set, { run, limit });
  }
}

async function pauseAfter(
  tx: Transaction,
  set: WorkingSet,
  { run, limit }: { readonly run: RunInWork; readonly limit: number },
): Promise<void> {
  const { key, id, project, pipeline } = run.after;
  const now = new Map(set.runs().map(({ after }) => [after.key, after.state]));
  const others = await tx.lastEndedRuns(project, pipeline, limit + now.size);
  const outcomes = ["failed" as const, ...others.filter((other) => !now.has(other.key)).map(({ state }) => state)];
  if (!isSeriesOfFailures(outcomes, limit)) return;
  const reason = limit === 1 ? `Run ${id} failed.` : `${limit} runs in a row failed, the last one ${id}.`;
  if (!(await tx.pausePipeline({ project, pipeline, pausedBy: RULE, reason }))) return;
  set.note(key, { kind: "pipeline_paused", reason });
  set.audit({ project, actor: RULE, action: "pause", runKey: key, details: JSON.stringify({ pipeline, reason }) });
}
