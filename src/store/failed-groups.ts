import { partsOfGroup } from "../core/group-parts.ts";
import { depthOfPath, outerPath, type Position } from "../core/map-path.ts";
import { hasAttemptsLeft } from "../core/node-decision.ts";
import { isFinished } from "../core/state.ts";
import { hiddenBy } from "./choose-task-runs.ts";
import { removeItem } from "./earlier-items.ts";
import { toDecision } from "./records.ts";
import type { TaskRunRow } from "./rows.ts";
import type { RunInWork } from "./rows-in-work.ts";
import { requestStops } from "./stop-attempts.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** A group of a run, and which copy of it where it stands in a map. */
export interface GroupAt {
  readonly group: number;
  readonly path: string;
}

/** Reads the ends of the groups that these task runs stand in: they know how often the group may still be tried again. */
export async function readGroupEnds(tx: Transaction, set: WorkingSet, keys: readonly number[]): Promise<void> {
  const byRun = Map.groupBy(
    keys.flatMap((key) => set.taskRun(key) ?? []),
    ({ runKey }) => runKey,
  );
  for (const [runKey, rows] of byRun) {
    const run = set.run(runKey);
    const ends = rows.flatMap((row) => retryableGroupsAround(run, row).map(({ end }) => end));
    const missing = ends.filter((end) => set.at(runKey, end) === undefined);
    if (missing.length > 0) set.addTaskRunsAt(runKey, missing, await tx.taskRunsAt(runKey, missing));
  }
}

/**
 * The group that is tried again as a whole because this task run has failed for good; the innermost of those that have
 * attempts left. Undefined when there is none, and the failure is final.
 */
export function groupToRetry(set: WorkingSet, row: TaskRunRow): GroupAt | undefined {
  const run = set.run(row.runKey);
  if (run.after.state === "cancelling") return undefined;
  return retryableGroupsAround(run, row).find(({ group, end }) => {
    const last = set.at(row.runKey, end);
    // Its end may have been left out of the run, or ended by hand: then nothing tries it again.
    if (last === undefined || isFinished(last.state)) return false;
    return hasAttemptsLeft(run.pipeline.spec.groups?.[group], toDecision(last.decision));
  });
}

/** A member's final failure ends the rest of its group, so that all of it can be tried again (GR-1). Gives their keys. */
export async function cancelFailedGroups(
  tx: Transaction,
  set: WorkingSet,
  ended: readonly TaskRunRow[],
): Promise<readonly number[]> {
  const cancelled: number[] = [];
  for (const row of ended) {
    if (row.state !== "failed") continue;
    const failed = groupToRetry(set, row);
    if (failed !== undefined) cancelled.push(...(await cancelRest(tx, set, row.runKey, failed)));
  }
  return cancelled;
}

async function cancelRest(tx: Transaction, set: WorkingSet, runKey: number, failed: GroupAt): Promise<number[]> {
  const rows = await readGroup(tx, set, runKey, failed);
  const work = rows.filter((row) => set.taskSpec(row).role !== "teardown" && !isPlainJunction(set, row));
  const running = work.filter(({ state }) => state === "running").map(({ key }) => key);
  const message = "Another task of its group has failed, and the group is tried again as a whole.";
  await requestStops(tx, set, running, { kind: "cancel", message });
  const left = work.filter(({ state }) => WAITING.includes(state));
  // Items of a map that is still to be expanded again count for nobody, so they do not end for anybody either.
  const hidden = left.filter((row) => hiddenBy(set, row) !== undefined);
  for (const row of hidden) removeItem(set, row);
  const waiting = left.filter((row) => !hidden.includes(row)).map(({ key }) => key);
  for (const key of waiting) set.move(key, "cancelled", { reason: "group_retry" });
  return waiting;
}

/** The start of a mapped group is none: left to its rule, it would expand a group whose tasks are cancelled. */
function isPlainJunction(set: WorkingSet, row: TaskRunRow): boolean {
  const { spec, graph } = set.run(row.runKey).pipeline;
  if (set.taskSpec(row).execution.via !== "none") return false;
  const started = graph.levels.groupStartedBy(row.taskIndex);
  return started === undefined || spec.groups?.[started]?.map === undefined;
}

const WAITING: readonly string[] = ["scheduled", "queued", "retrying", "deferred"];

/** All task runs of a group, its junctions included, as they are now. */
export async function readGroup(
  tx: Transaction,
  set: WorkingSet,
  runKey: number,
  { group, path }: GroupAt,
): Promise<readonly TaskRunRow[]> {
  const { after, pipeline } = set.run(runKey);
  const parts = new Set(partsOfGroup(pipeline.spec, group));
  set.addTaskRuns([], await tx.taskRunsOfRun(after.id, { taskIndexes: [...parts] }));
  const depth = depthOfPath(path);
  return set
    .taskRunsOf(runKey)
    .filter(({ taskIndex, mapKey }) => parts.has(taskIndex) && outerPath(mapKey, depth) === path);
}

/** Groups with retries around a task, from the innermost outward, with the place of their end. */
function retryableGroupsAround(
  { pipeline }: RunInWork,
  { taskIndex, mapKey }: TaskRunRow,
): readonly (GroupAt & { readonly end: Position })[] {
  const { spec, graph } = pipeline;
  const found: (GroupAt & { readonly end: Position })[] = [];
  for (let group = spec.tasks[taskIndex]?.group; group !== undefined; group = spec.groups?.[group]?.parent) {
    const end = spec.groups?.[group]?.end;
    if (end === undefined) continue;
    const path = outerPath(mapKey, graph.levels.depth(end));
    found.push({ group, path, end: { index: end, path } });
  }
  return found;
}
