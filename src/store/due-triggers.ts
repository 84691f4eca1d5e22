import { eventsMax, isGathering, planFiring } from "../core/trigger/plan-firing.ts";
import { filterOf, type TriggerSpec } from "../core/trigger/trigger-spec.ts";
import { deployedVersions } from "./deployed-versions.ts";
import { type Waiting, whatWaits } from "./look-at-trigger.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { UntoldRow } from "./signal-rows.ts";
import type { Database, Reader, Transaction } from "./transaction.ts";
import type { DueTrigger, DueTriggers, PendingEvent } from "./trigger-records.ts";
import type { TriggerRow, TriggerSettled } from "./trigger-rows.ts";

/** Triggers looked at in one turn. */
const TRIGGERS_MAX = 100;
/** Runs of one transaction, where each event has one of its own. */
const RUNS_MAX = 100;
/** Events of which the triggers are told in one transaction. */
const TOLD_MAX = 1_000;

/** Tells the triggers of new events, and gives those that fire now; for the others it writes down when to look again. */
export async function dueTriggers(
  database: Pick<Database, "read" | "write">,
  project: string,
  limit: number,
): Promise<DueTriggers> {
  const { untold, rows, nextAt, now } = await database.read((reader) => standing(reader, project));
  if (untold.length > 0) {
    await database.write((tx) => tellTriggers(tx, project, untold));
    return { due: [], nextInMs: 0 };
  }
  if (rows.length === 0) return { due: [], ...(nextAt === undefined ? {} : { nextInMs: Math.max(nextAt - now, 0) }) };
  const versions = await database.read((reader) => deployedVersions(reader, project));
  const due: DueTrigger[] = [];
  for (const row of rows) {
    if (due.length >= limit) break;
    const found = await lookAt(database, row, versions);
    if (found !== undefined) due.push(found);
  }
  return { due, nextInMs: 0 };
}

/** Most polls find nothing, so all is asked for in one breath. */
async function standing(reader: Reader, project: string) {
  const [untold, rows, nextAt] = await Promise.all([
    reader.signals.untold(project, TOLD_MAX),
    reader.triggers.due(project, TRIGGERS_MAX),
    reader.triggers.nextAt(project),
  ]);
  return { untold, rows, nextAt, now: reader.now };
}

/** Whoever listens to events that have come is due. */
async function tellTriggers(tx: Transaction, project: string, untold: readonly UntoldRow[]): Promise<void> {
  const [first] = untold;
  const last = untold.at(-1);
  if (first === undefined || last === undefined) return;
  if (!(await tx.signals.moveFeed(project, { from: first.feed, to: last.cursor }))) return;
  await tx.triggers.wake(project, [...new Set(untold.map(({ name }) => name))]);
  await tx.signals.deleteExpired(untold.length);
}

/** Undefined: it does not fire now. */
async function lookAt(
  database: Pick<Database, "read" | "write">,
  row: TriggerRow,
  versionOf: (pipeline: string) => string | undefined,
): Promise<DueTrigger | undefined> {
  const spec = JSON.parse(row.spec) as TriggerSpec;
  const max = isGathering(spec) ? eventsMax(spec) : RUNS_MAX;
  const { waiting, now } = await database.read(async (rows) => ({
    waiting: await whatWaits(rows, row, filterOf(spec.source), max),
    now: rows.now,
  }));
  const versionHash = versionOf(row.pipeline);
  const decision = decide(spec, row, waiting, now);
  if (decision.kind === "wait" || versionHash === undefined) {
    const { openAt, lastRun, fault } = row;
    const nextAt = decision.kind === "wait" ? decision.until : null;
    const end: TriggerSettled = { cursor: waiting.idleCursor, nextAt, openAt, lastRun, fault };
    await database.write((tx) => tx.triggers.settle(row, end));
    return undefined;
  }
  const { project, pipeline, name, key, generation, cursor, wakes } = row;
  return {
    snapshot: { key, generation, cursor, wakes },
    ...{ project, pipeline, name, spec, versionHash, lastRun: row.lastRun },
    ...(row.fault === null ? {} : { fault: JSON.parse(row.fault) as ScheduleFault }),
    groups: groupsOf(spec, waiting.events),
    after: { cursor: waiting.cursor, nextAt: waiting.hasMore ? now : null },
    isFull: waiting.isFull,
  };
}

type Decision = { readonly kind: "fire" } | { readonly kind: "wait"; readonly until: number | null };

function decide(
  spec: TriggerSpec,
  { openAt }: TriggerRow,
  { events, isFull, hasMore }: Waiting,
  now: number,
): Decision {
  const [first] = events;
  if (first === undefined) return { kind: "wait", until: hasMore ? now : null };
  const times = events.map(({ at }) => at);
  // What is beyond the turn is as much as what is too much for a run: it must not be looked at again and again.
  const pending = { count: events.length, firstAt: least(times), lastAt: most(times), isFull: isFull || hasMore };
  return planFiring(spec, pending, { openAt, now });
}

function groupsOf(spec: TriggerSpec, events: readonly PendingEvent[]): DueTrigger["groups"] {
  return isGathering(spec) ? [events] : events.map((event) => [event]);
}

function least(times: readonly number[]): number {
  return times.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
}

function most(times: readonly number[]): number {
  return times.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}
