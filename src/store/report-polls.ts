import { isWatching } from "../core/sensors/sensor-wait.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { failTaskRun, succeedTaskRun } from "./end-attempts.ts";
import { readGroupEnds } from "./failed-groups.ts";
import type { TaskRunRow } from "./rows.ts";
import { lockedSet, settleEnded } from "./settle.ts";
import { storableFailure, storableReason } from "./storable.ts";
import type { Database, Transaction } from "./transaction.ts";
import type { PollEnd, PollKey, PollReport, PollReports } from "./watch-records.ts";
import type { WatchUpdate } from "./watch-table.ts";
import type { WorkingSet } from "./working-set.ts";

/** Keeps what polls have found, and ends the waits of those that have found what they looked for or never will. */
export async function reportPolls(
  database: Pick<Database, "write">,
  pipelines: CompiledPipelines,
  reports: readonly PollReport[],
): Promise<PollReports> {
  const updates = reports.flatMap((report) => updateOf(report) ?? []);
  const endings = reports.flatMap((report) => endingOf(report) ?? []);
  const kept = updates.length === 0 ? [] : await database.write((tx) => tx.watches.update(updates));
  const ended = endings.length === 0 ? NOTHING : await database.write((tx) => endWatches(tx, pipelines, endings));
  const { finishedRuns, stopsRequested } = ended;
  const accepted = new Set([...kept, ...ended.keys].map(nameOf));
  return {
    reports: reports.map((report) => (accepted.has(nameOf(report)) ? "accepted" : "stale")),
    finishedRuns,
    stopsRequested,
  };
}

interface Ending extends PollKey {
  readonly end: PollEnd;
}

interface Ended extends Omit<PollReports, "reports"> {
  readonly keys: readonly PollKey[];
}

const NOTHING: Ended = { keys: [], finishedRuns: [], stopsRequested: false };

/** Under the locks of their runs: a wait that was ended or begun anew meanwhile hears nothing of an earlier poll. */
async function endWatches(tx: Transaction, pipelines: CompiledPipelines, endings: readonly Ending[]): Promise<Ended> {
  const keys = [...new Set(endings.map(({ taskRunKey }) => taskRunKey))];
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  const wanted = pipelines.blocks.withBehind(keys);
  set.addTaskRuns(wanted, await tx.taskRuns(wanted));
  await readGroupEnds(tx, set, keys);
  const current = new Map((await tx.watches.ofTaskRuns(keys)).map((watch) => [watch.taskRunKey, watch]));
  const ended = endings.filter((ending) => {
    const row = set.taskRun(ending.taskRunKey);
    if (row === undefined || !isWatching(row) || !isSame(ending, current.get(row.key))) return false;
    endWatch(set, row, ending.end);
    return true;
  });
  const rows = ended.flatMap(({ taskRunKey }) => set.taskRun(taskRunKey) ?? []);
  const finishedRuns = await settleEnded(tx, set, rows);
  const changes = set.changes();
  await tx.apply(changes);
  return { keys: ended, finishedRuns, stopsRequested: changes.stops.length > 0 };
}

function endWatch(set: WorkingSet, row: TaskRunRow, end: PollEnd): TaskRunRow {
  switch (end.kind) {
    case "success":
      return succeedTaskRun(set, row, end);
    case "skipped":
      return set.move(row.key, "skipped", { reason: storableReason(end.reason) });
    case "failed":
      return failTaskRun(set, row, end.failure);
  }
}

function nameOf({ taskRunKey, generation, token }: PollKey): string {
  return `${taskRunKey}.${generation}.${token}`;
}

function isSame(one: PollKey, other: PollKey | undefined): boolean {
  return one.generation === other?.generation && one.token === other.token;
}

function updateOf({ result, ...key }: PollReport): WatchUpdate | undefined {
  if (result.kind === "not_yet") {
    const { waitMs, seen, memory } = result;
    const told = { seen: seen === undefined ? null : shortened(seen), memory: JSON.stringify(memory) ?? null };
    return { ...key, ...told, waitMs: wholeMs(waitMs), isError: false, failure: null };
  }
  if (result.kind !== "error") return undefined;
  const { waitMs, failure } = result;
  return {
    ...key,
    seen: null,
    memory: null,
    waitMs: wholeMs(waitMs),
    isError: true,
    failure: storableFailure(failure),
  };
}

function endingOf({ result, ...key }: PollReport): Ending | undefined {
  return result.kind === "not_yet" || result.kind === "error" ? undefined : { ...key, end: result };
}

function wholeMs(waitMs: number): number {
  return Math.max(Math.ceil(waitMs), 0);
}

/** For people, and written with every poll. */
const SEEN_LENGTH_MAX = 500;

function shortened(seen: string): string {
  const text = storableReason(seen);
  return text.length <= SEEN_LENGTH_MAX ? text : `${text.slice(0, SEEN_LENGTH_MAX - 1)}…`;
}
