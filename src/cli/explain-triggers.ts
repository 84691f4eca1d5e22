import { iso } from "../core/instant.ts";
import { explainTrigger, sourceText } from "../core/trigger/explain-trigger.ts";
import { findServer } from "../engine/orphans.ts";
import type { Clock } from "../ports/clock.ts";
import type { PausedPipeline } from "../store/limit-records.ts";
import type { Store } from "../store/store.ts";
import { PENDING_SHOWN_MAX, type TriggerRecord } from "../store/trigger-records.ts";
import { hostProcesses } from "./host-processes.ts";
import { shortId } from "./run-reference.ts";

export interface ExplainedTrigger {
  readonly record: TriggerRecord;
  /** What it waits for, or why it does not fire. */
  readonly sentences: readonly string[];
}

type Facts = Pick<Store, "triggers" | "pausedPipelines" | "sessions" | "now">;

/** What the triggers of a pipeline, or of all, wait for, and why they do not fire. */
export async function explainTriggers(
  store: Facts,
  clock: Clock,
  { project, pipeline }: { readonly project: string; readonly pipeline?: string },
): Promise<readonly ExplainedTrigger[]> {
  const records = await store.triggers(project, pipeline);
  if (records.length === 0) return [];
  const pauses = new Map((await store.pausedPipelines(project)).map((pause) => [pause.pipeline, pause]));
  const isServed = (await findServer(store, hostProcesses(clock), project)) !== undefined;
  const now = await store.now();
  return records.map((record) => {
    const question = questionOf(record, pauses.get(record.pipeline));
    return { record, sentences: explainTrigger({ ...question, pendingMax: PENDING_SHOWN_MAX, isServed, now }) };
  });
}

/** As `--json` shows it; instants are ISO 8601 in UTC. */
export function triggerReport({ record, sentences }: ExplainedTrigger) {
  const { name, spec, pending, lastRun, fault, lookFault, refused } = record;
  return {
    ...{ name, listensTo: sourceText(spec.source), pending },
    ...(lastRun === undefined ? {} : { lastRun }),
    ...(fault === undefined ? {} : { fault: { ...fault, since: iso(fault.since) } }),
    ...(lookFault === undefined ? {} : { lookFault: { ...lookFault, since: iso(lookFault.since) } }),
    refused: refused.map((event) => ({ ...event, at: iso(event.at) })),
    reasons: sentences,
  };
}

function questionOf(record: TriggerRecord, pause: PausedPipeline | undefined) {
  const { lastRun } = record;
  return {
    ...record,
    ...(lastRun === undefined ? {} : { lastRun: shortId(lastRun) }),
    ...(pause === undefined ? {} : { pause: pauseOf(pause) }),
  };
}

function pauseOf({ pausedBy, pausedAt, reason }: PausedPipeline) {
  return { by: pausedBy, at: pausedAt, ...(reason === undefined ? {} : { reason }) };
}
