import type { Instant } from "../core/instant.ts";
import { openAfter } from "../core/trigger/plan-firing.ts";
import { createRuns, type PlannedRun } from "./create-runs.ts";
import { deployedVersions } from "./deployed-versions.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { SignalUse } from "./signal-rows.ts";
import { storableReason } from "./storable.ts";
import type { Transaction } from "./transaction.ts";
import type { DueTrigger, FiringOutcome, Postponement } from "./trigger-records.ts";

/** What becomes of a group of events, its run planned. */
export type PlannedOutcome =
  | { readonly kind: "run"; readonly planned: PlannedRun }
  | Exclude<FiringOutcome, { readonly kind: "run" }>;

/**
 * Creates the runs of a trigger, writes down what they take, and moves its cursor. False: it was deployed anew, paused or fired
 * by somebody else meanwhile, and nothing has changed.
 */
export async function fireTrigger(
  tx: Transaction,
  due: DueTrigger,
  outcomes: readonly PlannedOutcome[],
): Promise<boolean> {
  const { project, pipeline, snapshot, after, spec, isFull } = due;
  await tx.lockPipelines([{ project, pipeline }]);
  if ((await tx.pausedPipelines(project)).some((paused) => paused.pipeline === pipeline)) return false;
  // Its parameters were made by the code of a version that runs no more.
  if ((await deployedVersions(tx, project))(pipeline) !== due.versionHash) return false;
  const runs = outcomes.flatMap((outcome) => (outcome.kind === "run" ? [outcome.planned] : []));
  const lastRun = runs.at(-1)?.run.id ?? due.lastRun;
  const fault = faultAfter(due, outcomes, tx.now);
  const isOurs = await tx.triggers.settle(snapshot, {
    ...after,
    // Counted from here, and not from when it was looked at: its parameters may have taken a while.
    openAt: openAfter(spec, isFull, tx.now),
    lastRun,
    fault: fault === undefined ? null : JSON.stringify(fault),
  });
  if (!isOurs) return false;
  if (runs.length > 0) await createRuns(tx, runs);
  await tx.signals.take(outcomes.flatMap((outcome, index) => usesOf(due, outcome, index)));
  return true;
}

/** It is tried again later; the others go on. */
export async function postponeTrigger(
  tx: Transaction,
  { snapshot, fault, lastRun }: DueTrigger,
  { message, hint, delayMs }: Postponement,
): Promise<void> {
  const now: ScheduleFault = nextFault(fault, { message, ...(hint === undefined ? {} : { hint }) }, tx.now);
  await tx.triggers.settle(snapshot, {
    cursor: snapshot.cursor,
    nextAt: tx.now + delayMs,
    openAt: tx.now,
    lastRun,
    fault: JSON.stringify(now),
  });
}

function usesOf({ snapshot, groups }: DueTrigger, outcome: PlannedOutcome, index: number): readonly SignalUse[] {
  const consumer = `trigger:${snapshot.key}`;
  const taken =
    outcome.kind === "run"
      ? { run: outcome.planned.run.id, fault: null }
      : { run: null, fault: storableReason(outcome.message) };
  return (groups[index] ?? []).map(({ seq }) => ({ seq, consumer, ...taken }));
}

/** What was refused last is shown until it fires and refuses nothing. */
function faultAfter(
  { fault }: DueTrigger,
  outcomes: readonly PlannedOutcome[],
  now: Instant,
): ScheduleFault | undefined {
  const refused = outcomes.filter((outcome) => outcome.kind === "refused");
  if (refused.length === 0) return undefined;
  return refused.reduce((before, outcome) => nextFault(before, outcome, now), fault);
}

function nextFault(
  before: ScheduleFault | undefined,
  { message, hint }: { readonly message: string; readonly hint?: string },
  now: Instant,
): ScheduleFault {
  const text = storableReason(message);
  return {
    message: text,
    ...(hint === undefined ? {} : { hint: storableReason(hint) }),
    since: before?.since ?? now,
    times: (before?.times ?? 0) + 1,
  };
}
