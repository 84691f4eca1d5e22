import { stoppedOutcome } from "../core/run-outcome.ts";
import { recountRun } from "./recount-run.ts";
import { requestStops } from "./stop-attempts.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

export interface RunStop {
  /** Recorded with the run and with what it cancels. */
  readonly reason: string;
  /** What attempts that run are told. */
  readonly message: string;
  readonly actor?: string;
}

/**
 * Cancels what of a run has not started and asks what runs to stop. Tear-downs of what has started still run (RS-7), and
 * the junctions before them tell which those are. The whole run must have been read. Gives how many were cancelled.
 */
export async function stopRun(
  tx: Transaction,
  set: WorkingSet,
  runKey: number,
  { message, ...why }: RunStop,
): Promise<number> {
  const { actor } = why;
  const work = set.taskRunsOf(runKey).filter((row) => set.taskSpec(row).role !== "teardown");
  const waiting = work.filter(({ state }) => WAITING.includes(state));
  const running = work.filter(({ state }) => state === "running").map(({ key }) => key);
  if (running.length > 0) set.moveRun(runKey, "cancelling", why);
  await requestStops(tx, set, running, { kind: "cancel", message, ...(actor === undefined ? {} : { actor }) });
  for (const { key } of waiting) set.move(key, "cancelled", why);
  await recountRun(tx, set, runKey);
  if (running.length === 0) {
    const { state, unfinished } = set.run(runKey).after;
    set.moveRun(runKey, unfinished === 0 ? stoppedOutcome(why.reason) : "cancelling", why);
    // What takes away what was set up needs no place.
    if (state === "queued" && unfinished > 0) await recountRun(tx, set, runKey);
  }
  return waiting.length;
}

const WAITING: readonly string[] = ["scheduled", "queued", "retrying", "deferred"];
