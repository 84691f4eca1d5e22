import { isSeriesOfFailures } from "../core/run-outcome.ts";
import type { EndedRunRow, RunRow } from "./rows.ts";
import type { RunInWork } from "./rows-in-work.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Who pauses a pipeline that fails again and again. */
const RULE = "pauseAfterFailures";

/**
 * Pauses the pipelines of which a run has failed now, when so many in a row have as they say (RS-6), in the transaction
 * that ends the run. The newest ended runs count, those that were cancelled and those of backfills do not. After a resume the series goes on:
 * one more failure pauses it again, a success ends it.
 */
export async function pauseFailing(tx: Transaction, set: WorkingSet): Promise<void> {
  const failed = set
    .runs()
    .filter(({ before, after }) => after.state === "failed" && before.state !== "failed" && after.backfill === null);
  for (const run of failed) {
    const limit = run.pipeline.spec.pauseAfterFailures;
    if (limit !== undefined) await pauseAfter(tx, set, { run, limit });
  }
}

/** The newest first. Several runs may end in one transaction: there the older one is the first to end. */
async function endedBefore(
  tx: Transaction,
  set: WorkingSet,
  { key, project, pipeline }: RunRow,
  limit: number,
): Promise<readonly EndedRunRow[]> {
  const inWork = set.runs().map(({ after }) => after);
  const keys = new Set(inWork.map((run) => run.key));
  const alike = inWork.filter(
    (run) => run.backfill === null && run.project === project && run.pipeline === pipeline && run.key < key,
  );
  const earlier = await tx.lastEndedRuns(project, pipeline, limit + keys.size);
  const rest = earlier.filter((run) => !keys.has(run.key));
  return [...alike.sort((one, other) => other.key - one.key), ...rest];
}

async function pauseAfter(
  tx: Transaction,
  set: WorkingSet,
  { run, limit }: { readonly run: RunInWork; readonly limit: number },
): Promise<void> {
  const { key, id, project, pipeline } = run.after;
  const before = await endedBefore(tx, set, run.after, limit);
  if (!isSeriesOfFailures(["failed", ...before.map(({ state }) => state)], limit)) return;
  const reason = limit === 1 ? `Run ${id} failed.` : `${limit} runs in a row failed, the last one ${id}.`;
  if (!(await tx.pausePipeline({ project, pipeline, pausedBy: RULE, reason }))) return;
  await tx.schedules.restSchedules({ project, pipeline });
  set.note(key, { kind: "pipeline_paused", reason });
  set.audit({ project, actor: RULE, action: "pause", runKey: key, details: JSON.stringify({ pipeline, reason }) });
}
