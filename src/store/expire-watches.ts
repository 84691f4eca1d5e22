import { formatDuration } from "../core/duration.ts";
import type { SensorSpec } from "../core/manifest.ts";
import { sensorText } from "../core/sensors/sensor-text.ts";
import { isWatching, SENSOR_TIMEOUT } from "../core/sensors/sensor-wait.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { failTaskRun } from "./end-attempts.ts";
import { readGroupEnds } from "./failed-groups.ts";
import { toFailure } from "./records.ts";
import type { TaskRunRow } from "./rows.ts";
import { lockedSet, settleEnded } from "./settle.ts";
import type { Database, Reader, Transaction } from "./transaction.ts";
import type { WatchExpiry } from "./watch-records.ts";
import type { WatchRow } from "./watch-table.ts";
import type { WorkingSet } from "./working-set.ts";

/** Waits in one transaction; the rest follows in the next call, at once. */
const EXPIRED_MAX = 100;

/** Ends waits whose deadline has come. Most looks find none, and cost no transaction. */
export async function expireWatches(
  database: Pick<Database, "read" | "write">,
  pipelines: CompiledPipelines,
): Promise<WatchExpiry> {
  const due = await database.read(deadlineDue);
  return due === "due" ? database.write((tx) => expireSome(tx, pipelines)) : due;
}

async function deadlineDue(rows: Reader): Promise<WatchExpiry | "due"> {
  const at = await rows.watches.nextDeadline();
  if (at === undefined) return { expired: 0 };
  return at <= rows.now ? "due" : { expired: 0, nextInMs: at - rows.now };
}

async function expireSome(tx: Transaction, pipelines: CompiledPipelines): Promise<WatchExpiry> {
  const found = await tx.watches.expired(EXPIRED_MAX);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(found));
  // Read again under the locks: a poll may have ended the wait meanwhile, or somebody begun it anew.
  const keys = (await tx.watches.expired(EXPIRED_MAX)).filter((key) => found.includes(key));
  const wanted = pipelines.blocks.withBehind(keys);
  set.addTaskRuns(wanted, await tx.taskRuns(wanted));
  await readGroupEnds(tx, set, keys);
  const watching = keys.flatMap((key) => set.taskRun(key) ?? []).filter(isWatching);
  const watches = await watchesOf(tx, set, watching);
  const ended = watching.map((row) => expire(set, row, watches.get(row.key)));
  await settleEnded(tx, set, ended);
  await tx.apply(set.changes());
  const next = await tx.watches.nextDeadline();
  return { expired: ended.length, ...(next === undefined ? {} : { nextInMs: Math.max(next - tx.now, 0) }) };
}

/** As the last looks have left them: what was seen is what a person asks for first. */
async function watchesOf(
  tx: Transaction,
  set: WorkingSet,
  rows: readonly TaskRunRow[],
): Promise<ReadonlyMap<number, WatchRow>> {
  const found = new Map<number, WatchRow>();
  for (const runId of new Set(rows.map(({ runKey }) => set.run(runKey).after.id))) {
    for (const watch of await tx.watches.ofRun(runId)) found.set(watch.taskRunKey, watch);
  }
  return found;
}

/** For good, whatever the policy of its task says: it had all the time it was given. */
function expire(set: WorkingSet, row: TaskRunRow, watch: WatchRow | undefined): TaskRunRow {
  const { execution } = set.taskSpec(row);
  if (execution.via !== "sensor") throw new Error(`Task run ${row.key} watches and is no sensor`);
  const { sensor } = execution;
  if (sensor.onTimeout === "skip") return set.move(row.key, "skipped", { reason: SENSOR_TIMEOUT });
  const hint = 'Raise `timeout`, or let it be skipped: onTimeout: "skip".';
  return failTaskRun(set, row, { reason: "timeout", message: timeoutText(sensor, watch), hint });
}

function timeoutText(sensor: SensorSpec, watch: WatchRow | undefined): string {
  const last = watch === undefined ? [] : lastLook(watch);
  const waited = `It has waited ${formatDuration(sensor.timeoutMs)} for ${sensorText(sensor)}`;
  return [waited, ...last].join("; ");
}

function lastLook({ seen, failure }: WatchRow): readonly string[] {
  if (failure !== null) return [`the last look went wrong: ${toFailure(failure)?.message}`];
  return seen === null ? [] : [`seen last: ${seen}`];
}
