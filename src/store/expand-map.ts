import type { Failure } from "../core/failure.ts";
import { junctionsOfGroup, partsOfGroup } from "../core/group-parts.ts";
import type { MapSpec } from "../core/manifest.ts";
import { depthOfPath, itemPath, lastItem, outerPath } from "../core/map-path.ts";
import type { Ended } from "../core/node-decision.ts";
import type { RunDecision } from "../core/run-decision.ts";
import { isFinished } from "../core/state.ts";
import { bringBackItem, earlierItems, removeItem } from "./earlier-items.ts";
import { cancelFailedGroups, groupToRetry, readGroupEnds } from "./failed-groups.ts";
import { type FollowUp, NO_FOLLOW_UP } from "./follow-up.ts";
import { type ItemShape, shapeOfItem } from "./item-shape.ts";
import { type MapItems, mapItems } from "./map-items.ts";
import type { TaskRunRow } from "./rows.ts";
import { storableFailure } from "./storable.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Replaces the task run that stands for all items of a map by one for each item, or for each member and item of a mapped
 * group (DM-1, DM-3). No item: skipped, or a success (DM-2). What cannot be expanded fails. Task runs of an earlier
 * expansion begin again, and those that the list has no item for any more are removed (DM-4).
 */
export async function expandMap(tx: Transaction, set: WorkingSet, header: TaskRunRow): Promise<FollowUp> {
  if (isFinished(header.state)) return NO_FOLLOW_UP;
  const map = mapOf(set, header);
  const items = await mapItems(tx, set, header, map);
  if (items.kind === "problem") return failToExpand(tx, set, header, items);
  const parts = await partsOf(tx, set, header);
  // One that an operator has ended by hand stays the one task run that it is.
  const members = parts.filter(({ state, key }) => state === "scheduled" || key === header.key);
  const earlier = await earlierItems(tx, set, header, members);
  if (items.count === 0) return expandToNothing(set, header, map, { members, earlier });
  const decision = { mapped: items.count } as const;
  const ended = [header, ...members.filter(({ key }) => key !== header.key)].map((row) => expanded(set, row, decision));
  const byHand = parts.filter((row) => !members.includes(row));
  const shape = shapeOfItem(set, header, { members, byHand });
  const made = await makeItems(tx, set, header, { members, shape, count: items.count, labels: items.labels, earlier });
  return { ended: [...ended, ...made.ended], changes: made.changes };
}

/** The map that a task run of the mapped task, or of the start of a mapped group, stands for. */
export function mapOf(set: WorkingSet, header: Pick<TaskRunRow, "runKey" | "taskIndex">): MapSpec {
  const { spec, graph } = set.run(header.runKey).pipeline;
  const group = graph.levels.groupStartedBy(header.taskIndex);
  const map = group === undefined ? spec.tasks[header.taskIndex]?.map : spec.groups?.[group]?.map;
  if (map === undefined) throw new Error(`Task ${header.taskIndex} of ${spec.name} is not mapped`);
  return map;
}

/** The mapped task's own task run, or those of all that a mapped group holds. */
async function partsOf(tx: Transaction, set: WorkingSet, header: TaskRunRow): Promise<readonly TaskRunRow[]> {
  const { spec, graph } = set.run(header.runKey).pipeline;
  const group = graph.levels.groupStartedBy(header.taskIndex);
  if (group === undefined) return [header];
  const outside = junctionsOfGroup(spec.groups?.[group]);
  const parts = partsOfGroup(spec, group).filter((index) => !outside.includes(index));
  const positions = parts.map((index) => ({ index, path: header.mapKey }));
  const unread = positions.filter((position) => set.at(header.runKey, position) === undefined);
  if (unread.length > 0) set.addTaskRunsAt(header.runKey, unread, await tx.taskRunsAt(header.runKey, unread));
  return positions.flatMap((position) => set.at(header.runKey, position) ?? []);
}

/** Of the header of a map that cannot be expanded, or of an item whose list is gone. */
export async function failToExpand(
  tx: Transaction,
  set: WorkingSet,
  header: TaskRunRow,
  { message, hint }: Extract<MapItems, { kind: "problem" }>,
): Promise<FollowUp> {
  const reason = "invalid_map";
  const failure: Failure = { reason, message, hint };
  await readGroupEnds(tx, set, [header.key]);
  for (const row of await earlierItems(tx, set, header, [header])) removeItem(set, row);
  if (header.state === "scheduled") set.move(header.key, "queued");
  const failed = set.move(header.key, "failed", { reason, failure: storableFailure(failure), message });
  if (!set.taskSpec(failed).allowFailure && groupToRetry(set, failed) === undefined) set.openDeadLetter(failed);
  const cancelled = await cancelFailedGroups(tx, set, [failed]);
  const rows = [failed, ...cancelled.flatMap((key) => set.taskRun(key) ?? [])];
  return { ended: rows.map((row) => endedAs(row, null)), changes: [] };
}

interface Nothing {
  readonly members: readonly TaskRunRow[];
  readonly earlier: readonly TaskRunRow[];
}

function expandToNothing(set: WorkingSet, header: TaskRunRow, map: MapSpec, { members, earlier }: Nothing): FollowUp {
  for (const row of earlier) removeItem(set, row);
  const to = map.onEmpty ?? "skipped";
  if (to === "skipped" && header.state === "queued") set.move(header.key, "scheduled");
  const rows = to === "success" ? [header, ...members.filter(({ key }) => key !== header.key)] : [header];
  // Members of a skipped group follow: its start is their gate.
  return { ended: rows.map((row) => endedAs(set.move(row.key, to, { reason: "empty_map" }), null)), changes: [] };
}

function expanded(set: WorkingSet, row: TaskRunRow, decision: RunDecision): Ended {
  const after = set.move(row.key, "success", { reason: "mapped", decision: JSON.stringify(decision) });
  return endedAs(after, decision);
}

function endedAs({ taskIndex, mapKey, state }: TaskRunRow, decision: RunDecision | null): Ended {
  return { index: taskIndex, path: mapKey, state, decision };
}

interface Items {
  readonly members: readonly TaskRunRow[];
  readonly shape: readonly ItemShape[];
  readonly count: number;
  readonly labels: readonly string[] | undefined;
  readonly earlier: readonly TaskRunRow[];
}

/** Item by item, so that their keys, and with them their turns, stand in the order of the list. */
async function makeItems(
  tx: Transaction,
  set: WorkingSet,
  header: TaskRunRow,
  { shape, count, labels, earlier }: Items,
): Promise<FollowUp> {
  const depth = depthOfPath(header.mapKey) + 1;
  const known = earlier
    .filter(({ mapKey }) => depthOfPath(mapKey) === depth)
    .map(({ mapKey }) => lastItem(mapKey) ?? 0);
  const first = known.length === 0 ? 0 : Math.max(...known) + 1;
  for (const row of earlier) {
    const path = outerPath(row.mapKey, depth);
    if ((lastItem(path) ?? 0) >= count) removeItem(set, row);
  }
  const follow: { ended: Ended[]; changes: FollowUp["changes"][number][] } = { ended: [], changes: [] };
  const existing = new Map(earlier.map((row) => [placeOf(row), row]));
  for (let item = 0; item < Math.min(first, count); item++) {
    const path = itemPath(header.mapKey, item);
    for (const part of shape) {
      const row = existing.get(`${part.taskIndex}/${path}`);
      // A member that an operator had ended by hand has none of its own yet.
      if (row === undefined)
        await createItems(tx, set, header, { shape: [part], from: item, to: item + 1, labels, follow });
      else if (row.state === "removed" || row.state === "scheduled") {
        bringBackItem(set, row);
        follow.changes.push(part.changeAt(path));
      }
    }
  }
  if (count > first) await createItems(tx, set, header, { shape, from: first, to: count, labels, follow });
  return follow;
}

interface NewItems {
  readonly shape: readonly ItemShape[];
  readonly from: number;
  readonly to: number;
  readonly labels: readonly string[] | undefined;
  readonly follow: { readonly ended: Ended[]; readonly changes: FollowUp["changes"][number][] };
}

async function createItems(
  tx: Transaction,
  set: WorkingSet,
  header: TaskRunRow,
  { shape, from, to, labels, follow }: NewItems,
): Promise<void> {
  const { runKey, mapKey } = header;
  for (const { taskIndex, begin } of shape) set.note(runKey, { kind: "mapped", taskIndex, mapKey, from, to, begin });
  const keys = await tx.itemKeys((to - from) * shape.length);
  let next = 0;
  for (let item = from; item < to; item++) {
    const path = itemPath(mapKey, item);
    const label = labels?.[item] ?? null;
    for (const part of shape) {
      const row = part.rowAt({ key: keys[next++] ?? 0, path, label, now: set.now });
      set.create(row);
      if (isFinished(row.state)) follow.ended.push({ ...endedAs(row, null), countedWithin: depthOfPath(path) });
      else if (part.expandsAtOnce) follow.changes.push(part.changeAt(path));
    }
  }
}

function placeOf({ taskIndex, mapKey }: TaskRunRow): string {
  return `${taskIndex}/${mapKey}`;
}
