import type { Instant } from "../core/instant.ts";
import type { TimerInsert } from "./changes.ts";
import { claimBehindGate } from "./claim.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import type { PlannedRun } from "./create-runs.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { endedKeys, settle } from "./settle.ts";
import { startChildren } from "./start-children.ts";
import type { ClaimRequest, Completion, ExchangeResult } from "./store.ts";
import type { Transaction } from "./transaction.ts";

/** Ends attempts, decides what follows, and claims new ones, in one transaction. */
export async function completeAndClaim(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { completions, children }: Reported,
  request: ClaimRequest | undefined,
): Promise<ExchangeResult> {
  const ended = completions.length === 0 ? NOTHING : await writeCompletions(tx, pipelines, { completions, children });
  if (request === undefined || request.slots < 1) return { ...ended, claims: [], gateMissed: false };
  return { ...ended, ...(await claimBehindGate(tx, request)) };
}

/** What `completeAndClaim` will ask for first. */
export function readAhead({ blocks }: CompiledPipelines, completions: readonly Completion[]): ReadAhead | undefined {
  const ended = endedKeys(completions);
  return ended.length === 0 ? undefined : { ended, taskRuns: blocks.withBehind(ended) };
}

interface Reported {
  readonly completions: readonly Completion[];
  /** Runs to create, by the index of the completion that calls for it. */
  readonly children: ReadonlyMap<number, PlannedRun>;
}

type Ending = Omit<ExchangeResult, "claims" | "gateMissed">;

const NOTHING: Ending = { completions: [], finishedRuns: [] };

async function writeCompletions(
  tx: Transaction,
  pipelines: CompiledPipelines,
  { completions, children }: Reported,
): Promise<Ending> {
  const { set, verdicts, finishedRuns } = await settle(tx, pipelines, completions);
  const changes = set.changes();
  await tx.apply(changes);
  if (children.size > 0) await startChildren(tx, verdicts, children);
  const waits = verdicts.flatMap((verdict) =>
    verdict.kind === "accepted" && verdict.taskRun.dueAt !== null ? [verdict.taskRun.dueAt - tx.now] : [],
  );
  return {
    completions: verdicts.map(({ kind }) => kind),
    finishedRuns,
    ...(waits.length === 0 ? {} : { nextRetryInMs: Math.min(...waits) }),
    ...(changes.stops.length === 0 ? {} : { stopsRequested: true }),
    ...(changes.watchesBegun.length === 0 ? {} : { watchesBegun: true }),
    ...(changes.timersBegun.length === 0 ? {} : { nextTimerInMs: firstOf(changes.timersBegun) - tx.now }),
  };
}

function firstOf(timers: readonly TimerInsert[]): Instant {
  return Math.min(...timers.map(({ dueAt }) => dueAt));
}
