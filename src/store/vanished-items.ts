import { depthOfPath, lastItem, outerPath } from "../core/map-path.ts";
import type { Ended, NodeChange } from "../core/node-decision.ts";
import { removeItem } from "./earlier-items.ts";
import { failToExpand, mapOf } from "./expand-map.ts";
import { type MapItems, mapItems } from "./map-items.ts";
import type { TaskRunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/**
 * Of task runs that have waited for their list to be given anew: those whose item it has no more are removed (DM-4), and
 * where there is no list any more they fail as their map would. The map itself is not expanded again: for that it has to
 * be cleared.
 */
export async function endVanished(
  tx: Transaction,
  set: WorkingSet,
  { runKey, changes }: { readonly runKey: number; readonly changes: readonly NodeChange[] },
): Promise<readonly Ended[]> {
  const lists = new Map<string, MapItems>();
  const ended: Ended[] = [];
  for (const { index, path, to, mayHaveVanished } of changes) {
    if (mayHaveVanished !== true || (to !== "queued" && to !== "deferred")) continue;
    const row = set.at(runKey, { index, path });
    if (row !== undefined) ended.push(...(await judge(tx, set, row, lists)));
  }
  return ended;
}

/** From the outermost map inward. */
async function judge(
  tx: Transaction,
  set: WorkingSet,
  row: TaskRunRow,
  lists: Map<string, MapItems>,
): Promise<readonly Ended[]> {
  const { levels } = set.run(row.runKey).pipeline.graph;
  for (let level = 1; level <= depthOfPath(row.mapKey); level++) {
    const header = {
      ...row,
      taskIndex: levels.headerOf(row.taskIndex, level),
      mapKey: outerPath(row.mapKey, level - 1),
    };
    const place = `${header.taskIndex}/${header.mapKey}`;
    const items = lists.get(place) ?? (await mapItems(tx, set, header, mapOf(set, header)));
    lists.set(place, items);
    if (items.kind === "problem") return (await failToExpand(tx, set, row, items)).ended;
    if ((lastItem(outerPath(row.mapKey, level)) ?? 0) < items.count) continue;
    removeItem(set, row);
    return [{ index: row.taskIndex, path: row.mapKey, state: "removed", decision: null }];
  }
  return [];
}
