import { createRuns, type PlannedRun } from "./create-runs.ts";
import type { AttemptVerdict } from "./end-attempts.ts";
import type { Transaction } from "./transaction.ts";

/**
 * Creates the runs that these attempts have called for, in the transaction that ends the attempts: a crash leaves both
 * or neither, so that no run is started twice. `planned` has an entry for each verdict that has a child.
 */
export async function startChildren(
  tx: Transaction,
  verdicts: readonly AttemptVerdict[],
  planned: ReadonlyMap<number, PlannedRun>,
): Promise<void> {
  const started = [...planned].flatMap(([index, plan]) => {
    const verdict = verdicts[index];
    if (verdict?.kind !== "accepted" || !STARTING.includes(verdict.taskRun.state)) return [];
    return [{ parent: verdict.taskRun, plan }];
  });
  if (started.length === 0) return;
  await createRuns(
    tx,
    started.map(({ plan }) => plan),
  );
  await tx.children.insert(
    started.map(({ parent, plan }) => ({
      taskRunKey: parent.key,
      runKey: parent.runKey,
      generation: parent.generation,
      attempt: parent.attempt,
      childId: plan.run.id,
      isAwaited: parent.state === "deferred",
    })),
  );
}

/** One that was cancelled in the same moment starts nothing. */
const STARTING: readonly string[] = ["deferred", "success"];
