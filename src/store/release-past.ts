import { WAITS_FOR_PAST } from "../core/past-wait.ts";
import { runRoom } from "../core/run-admission.ts";
import { beginRun } from "./admit-runs.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { toPipelineLoad } from "./lane-records.ts";
import type { PastRelease } from "./limit-records.ts";
import type { PastWaitRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Earlier runs that are read at once, nearest first; the first nearly always has the task. */
const RUNS_AT_ONCE = 20;

/** Whether anything waits for the past, without a transaction: most looks find nothing. */
export async function pastWaits(rows: Reader): Promise<boolean> {
  return (await rows.past.waits(WAITS_FOR_PAST)).length > 0;
}

/**
 * Lets task runs go whose task has succeeded or was skipped in the run before theirs (CC-6). A run that only waits for
 * the past gives its place to one that waits for a place, and takes another when it may go on.
 */
export async function releasePast(tx: Transaction, pipelines: CompiledPipelines): Promise<PastRelease> {
  const waits = await tx.past.waits(WAITS_FOR_PAST);
  let [opened, givenBack] = [0, 0];
  const byPipeline = Map.groupBy(waits, ({ project, pipeline }) => JSON.stringify([project, pipeline]));
  for (const [, ofPipeline] of [...byPipeline].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [first] = ofPipeline;
    if (first === undefined) continue;
    await tx.lockPipelines([first]);
    const released = await releaseRuns(tx, pipelines, ofPipeline);
    opened += released.opened;
    givenBack += released.givenBack;
  }
  return { waiting: waits.length, opened, givenBack };
}

/** Those that may go on come first: one that has no place takes that of one that still waits. */
async function releaseRuns(tx: Transaction, pipelines: CompiledPipelines, waits: readonly PastWaitRow[]) {
  const released = { opened: 0, givenBack: 0 };
  const held: (readonly PastWaitRow[])[] = [];
  const placeless: (readonly PastWaitRow[])[] = [];
  for (const ofRun of Map.groupBy(waits, ({ runId }) => runId).values()) {
    const open: PastWaitRow[] = [];
    for (const wait of ofRun) if (await isOpen(tx, pipelines, wait)) open.push(wait);
    if (open.length === 0) {
      held.push(ofRun);
      continue;
    }
    const opened = await letGo(tx, pipelines, open);
    released.opened += opened;
    if (opened === 0) placeless.push(open);
  }
  for (const ofRun of held) {
    const next = placeless[0];
    if (!(await giveBack(tx, pipelines, { waits: ofRun, isWanted: next !== undefined }))) continue;
    released.givenBack += 1;
    if (next === undefined) continue;
    released.opened += await letGo(tx, pipelines, next);
    placeless.shift();
  }
  return released;
}

/** The nearest earlier run that has the task decides; without one it may start. */
async function isOpen(rows: Reader, pipelines: CompiledPipelines, wait: PastWaitRow): Promise<boolean> {
  const { spec } = await pipelines.get(rows, wait.versionHash, wait.pipeline);
  const name = spec.tasks[wait.taskIndex]?.name;
  for (let skipped = 0; ; skipped += RUNS_AT_ONCE) {
    const earlier = await rows.past.earlierRuns(wait, { limit: RUNS_AT_ONCE, skipped });
    for (const { id, versionHash } of earlier) {
      const { spec: itsSpec } = await pipelines.get(rows, versionHash, wait.pipeline);
      const index = itsSpec.tasks.findIndex((task) => task.name === name);
      const [row] = index < 0 ? [] : await rows.taskRunsOfRun(id, { taskIndexes: [index] });
      if (row !== undefined) return row.state === "success" || row.state === "skipped";
    }
    if (earlier.length < RUNS_AT_ONCE) return true;
  }
}

async function letGo(tx: Transaction, pipelines: CompiledPipelines, open: readonly PastWaitRow[]): Promise<number> {
  const set = await setOf(tx, pipelines, open);
  const [run] = set.runs();
  if (run?.after.state === "queued" && !(await takePlace(tx, set, run.after.key))) return 0;
  const waiting = open.filter(({ taskRunKey }) => isWaiting(set, taskRunKey));
  for (const { taskRunKey } of waiting) set.move(taskRunKey, "queued");
  await tx.apply(set.changes());
  return waiting.length;
}

/** A run that gave its place back needs one again before anything of it goes on. */
async function takePlace(tx: Transaction, set: WorkingSet, runKey: number): Promise<boolean> {
  if (runRoom(toPipelineLoad(await tx.pipelineLoad(set.run(runKey).after))) === 0) return false;
  set.addTaskRuns([], await tx.taskRunsOfRun(set.run(runKey).after.id, {}));
  await beginRun(tx, set, runKey);
  return true;
}

interface Holding {
  /** Of one run. */
  readonly waits: readonly PastWaitRow[];
  /** By a run that has given its own place back; those that wait for their first one are looked for. */
  readonly isWanted: boolean;
}

async function giveBack(tx: Transaction, pipelines: CompiledPipelines, { waits, isWanted }: Holding): Promise<boolean> {
  const [first] = waits;
  if (first === undefined) return false;
  if (!isWanted && (await tx.queuedRuns(first, 1)).length === 0) return false;
  if (runRoom(toPipelineLoad(await tx.pipelineLoad(first))) > 0) return false;
  const set = await setOf(tx, pipelines, waits);
  const [run] = set.runs();
  const isIdle = await tx.past.waitsAlone(first.runKey, waits.length);
  // A run of a backfill has no place to give.
  if (run?.after.state !== "running" || run.after.backfill !== null || !isIdle) return false;
  set.moveRun(run.after.key, "queued", { reason: WAITS_FOR_PAST });
  await tx.apply(set.changes());
  return true;
}

async function setOf(
  tx: Transaction,
  pipelines: CompiledPipelines,
  waits: readonly PastWaitRow[],
): Promise<WorkingSet> {
  const keys = waits.map(({ taskRunKey }) => taskRunKey);
  const set = await lockedSet(tx, pipelines, await tx.lockRunsOf(keys));
  set.addTaskRuns(keys, await tx.taskRuns(keys));
  return set;
}

function isWaiting(set: WorkingSet, key: number): boolean {
  const row = set.taskRun(key);
  return row?.state === "deferred" && row.reason === WAITS_FOR_PAST;
}
