import type { ConsumedEvent } from "../core/trigger/consumed-event.ts";
import { matchesEvent } from "../core/trigger/event-filter.ts";
import { toConsumedEvent, toPendingEvent } from "./signal-records.ts";
import type { SignalRow } from "./signal-rows.ts";
import type { AwaitedEvent } from "./signal-store.ts";
import type { Database, Reader, Transaction } from "./transaction.ts";

const PAGE = 200;
/** Events looked at in one poll: those beyond have their turn when these have expired or are taken. */
const LOOKED_AT_MAX = 10_000;

/**
 * The event that a task run waits for, taken for it: of those that no other run of the task has taken, the one whose time
 * is over first (WT-3). Undefined: there is none yet. Who asks again is given the same.
 */
export async function takeEvent(
  database: Pick<Database, "read" | "write">,
  wanted: AwaitedEvent,
): Promise<ConsumedEvent | undefined> {
  const { has, found } = await database.read(async (rows) => ({
    has: await rows.signals.takenBy(waiterOf(wanted)),
    found: await candidates(rows, wanted),
  }));
  if (has !== undefined) return toConsumedEvent(has);
  if (found.length === 0) return undefined;
  return database.write((tx) => takeFirst(tx, wanted, found));
}

/** Others may be faster: then the next one is taken. */
async function takeFirst(
  tx: Transaction,
  wanted: AwaitedEvent,
  found: readonly SignalRow[],
): Promise<ConsumedEvent | undefined> {
  const waiter = waiterOf(wanted);
  const has = await tx.signals.takenBy(waiter);
  if (has !== undefined) return toConsumedEvent(has);
  for (const row of found) if (await tx.signals.takeFor(row.seq, waiter)) return toConsumedEvent(row);
  return undefined;
}

/** A few that fit: enough for those who race. */
async function candidates(rows: Reader, { project, name, filter, task }: AwaitedEvent): Promise<readonly SignalRow[]> {
  const found: SignalRow[] = [];
  const consumer = consumerOf(task);
  let after = { expiresAt: rows.now, seq: Number.MAX_SAFE_INTEGER };
  for (let looked = 0; looked < LOOKED_AT_MAX; looked += PAGE) {
    const page = await rows.signals.untaken({ project, name, consumer, after }, PAGE);
    found.push(...page.filter((row) => matchesEvent(filter, toPendingEvent(row))));
    const last = page.at(-1);
    if (found.length > 0 || last === undefined || page.length < PAGE) break;
    after = last;
  }
  return found.slice(0, RACERS_MAX);
}

const RACERS_MAX = 20;

function waiterOf({ run, task, taskRunKey, generation }: AwaitedEvent) {
  return { run, consumer: consumerOf(task), waiter: `${taskRunKey}:${generation}` };
}

function consumerOf({ pipeline, name }: AwaitedEvent["task"]): string {
  return `task:${pipeline}:${name}`;
}
