import { operatorReason } from "../core/operator-reason.ts";
import { isRunFinished } from "../core/state.ts";
import type { OperatorOutcome } from "./cancel-run.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { recountRun } from "./recount-run.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";
import { withRowsBehind } from "./rows-behind.ts";
import { lockedSet } from "./settle.ts";
import { storableReason } from "./storable.ts";
import type { RunId } from "./store.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

export interface RerunRequest {
  readonly run: RunId;
  readonly which: "all" | "failed";
  readonly actor: string;
}

/**
 * Clears task runs of a finished run into a new generation, with a fresh retry budget, and decides the first of them.
 * `failed` takes what failed, was blocked or was cancelled, and what hangs on it (RT-6); the rest keeps its outputs.
 */
export async function rerun(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { run: id, which, actor }: RerunRequest,
): Promise<OperatorOutcome> {
  await tx.closeClaimGate();
  const run = await tx.lockRun(id);
  if (run === undefined) return { kind: "not_found" };
  if (!isRunFinished(run.state)) return { kind: "refused", message: stillUnfinished(run) };
  const rows = await tx.taskRunsOfRun(id, {});
  const set = await lockedSet(tx, pipelines, [run]);
  set.addTaskRuns([], rows);
  const failed = rows.filter(({ state }) => FAILED.includes(state));
  const cleared = which === "all" ? rows : withRowsBehind(set, run.key, failed);
  if (cleared.length === 0) return { kind: "refused", message: nothingFailed(run) };
  set.moveRun(run.key, "running", { reason: storableReason(operatorReason(actor)), actor });
  for (const row of cleared) clear(set, row, actor);
  await recountRun(tx, set, run.key);
  set.finishRuns();
  const details = JSON.stringify({ which, cleared: cleared.length });
  set.audit({ project: run.project, actor, action: "rerun", runKey: run.key, details });
  await tx.apply(set.changes());
  return { kind: "done", taskRuns: cleared.length };
}

function clear(set: WorkingSet, row: TaskRunRow, actor: string): void {
  if (row.state === "failed" && !set.taskSpec(row).allowFailure) set.replayDeadLetter(row);
  if (row.state === "success") set.clearOutput(row.key);
  set.move(row.key, "scheduled", {
    generation: row.generation + 1,
    attempt: 0,
    lost: 0,
    queuedAt: null,
    startedAt: null,
    failure: null,
    decision: null,
    reason: storableReason(operatorReason(actor)),
    actor,
  });
}

function stillUnfinished({ id, state }: RunRow): string {
  return `The run is still ${state}. Wait for it to end, or cancel it first: batuta cancel ${id}`;
}

function nothingFailed({ id }: RunRow): string {
  return `Nothing failed in this run, so there is nothing to run again. To run all of it: batuta retry ${id}`;
}

const FAILED: readonly string[] = ["failed", "upstream_failed", "cancelled"];
