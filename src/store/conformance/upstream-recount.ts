import type { PipelineSpec } from "../../core/manifest.ts";
import { isFinished, type TaskRunState } from "../../core/state.ts";
import { decideStart, type UpstreamCounts } from "../../core/trigger-rule.ts";
import type { TaskRunRecord } from "../store.ts";

export interface Recounted {
  readonly row: TaskRunRecord;
  readonly counts: UpstreamCounts;
}

/**
 * The counts of every task run that counts for others, and of the headers of expanded maps, from the rows alone (I45).
 * What has vanished counts nothing any more. Of core's functions only the table of the rules is asked: whether a header would start.
 */
export function recountUpstream(rows: readonly TaskRunRecord[], spec: PipelineSpec): readonly Recounted[] {
  const all = Map.groupBy(rows, ({ taskIndex }) => taskIndex);
  const places = new Map(rows.map((row) => [`${row.taskIndex}/${row.mapKey}`, row]));
  const visible = rows.filter((row) => isShown(row, places));
  const shown = visible.filter((row) => !isReplaced(row));
  const counting = { all, places, shown: Map.groupBy(shown, ({ taskIndex }) => taskIndex) };
  return visible
    .filter((row) => !isReplaced(row) || isHeader(row, spec))
    .filter((row) => row.state !== "removed" && !(isFinished(row.state) && awaitsGroup(row, spec)))
    .map((row) => ({ row, counts: countsOf(row, counting, spec) }));
}

interface RowsOfRun {
  readonly all: ReadonlyMap<number, readonly TaskRunRecord[]>;
  /** By task and path. */
  readonly places: ReadonlyMap<string, TaskRunRecord>;
  /** Those that count for others. */
  readonly shown: ReadonlyMap<number, readonly TaskRunRecord[]>;
}

function countsOf(row: TaskRunRecord, rows: RowsOfRun, spec: PipelineSpec): UpstreamCounts {
  const { all, places, shown } = rows;
  const task = spec.tasks[row.taskIndex];
  const levels = levelsOf(row.taskIndex, spec);
  const isItem = task?.map !== undefined && depth(row.mapKey) === levels.length;
  const seen = (index: number): readonly TaskRunRecord[] => {
    const shared = sharedLevels(levels, levelsOf(index, spec));
    const own = cut(row.mapKey, shared);
    return (shown.get(index) ?? []).filter((other) => {
      const its = cut(other.mapKey, shared);
      return its === own || isBelow(own, its);
    });
  };
  const states = isItem ? [] : (task?.upstream ?? []).flatMap(seen).map(({ state }) => state);
  const count = (...wanted: TaskRunState[]): number => states.filter((state) => wanted.includes(state)).length;
  return {
    total: states.length - count("removed"),
    success: count("success"),
    failed: count("failed", "cancelled"),
    upstreamFailed: count("upstream_failed"),
    skipped: count("skipped"),
    ...(isItem ? headerOf(row) : gatesOf(row, spec)),
  };

  function gatesOf({ taskIndex, mapKey }: TaskRunRecord, { tasks }: PipelineSpec) {
    let gates = 0;
    const shut: string[] = [];
    for (const gate of tasks[taskIndex]?.gates ?? []) {
      const own = cut(mapKey, sharedLevels(levels, levelsOf(gate, spec)));
      const found = all.get(gate)?.find((other) => other.mapKey === own) ?? seen(gate)[0];
      if (found === undefined) continue;
      const verdict =
        isReplaced(found) && isHeader(found, spec) && isBelow(mapKey, found.mapKey)
          ? verdictOfHeader(found, rows, spec)
          : verdictOf(found, tasks[gate]?.decides, taskIndex);
      if (verdict === "wait") gates += 1;
      else if (verdict !== "pass") shut.push(`${verdict}:${gate}`);
    }
    return { gates, shut: shut.find((one) => one.startsWith("upstream_failed")) ?? shut[0] ?? null };
  }

  function headerOf({ taskIndex, mapKey }: TaskRunRecord) {
    const header = places.get(`${taskIndex}/${cut(mapKey, depth(mapKey) - 1)}`);
    const verdict = header === undefined ? "pass" : verdictOfHeader(header, rows, spec);
    return {
      gates: verdict === "wait" ? 1 : 0,
      shut: verdict === "wait" || verdict === "pass" ? null : `${verdict}:${taskIndex}`,
    };
  }
}

/** What an expanded map waited for, asked anew: its items go on while it would let it start. */
function verdictOfHeader(header: TaskRunRecord, rows: RowsOfRun, spec: PipelineSpec): string {
  const start = decideStart(spec.tasks[header.taskIndex]?.when ?? "all_success", countsOf(header, rows, spec));
  return start === "run" ? "pass" : start;
}

/** The task run that makes those of the items. */
function isHeader({ taskIndex, mapKey }: TaskRunRecord, spec: PipelineSpec): boolean {
  const isStart = spec.groups?.some(({ start, map }) => start === taskIndex && map !== undefined) ?? false;
  const levels = levelsOf(taskIndex, spec).length;
  if (isStart) return depth(mapKey) === levels;
  return spec.tasks[taskIndex]?.map !== undefined && depth(mapKey) === levels - 1;
}

/** It stands for the items of a mapped group that has not begun; once it has ended its counts decide nothing. */
function awaitsGroup({ taskIndex, mapKey }: TaskRunRecord, spec: PipelineSpec): boolean {
  const own = spec.tasks[taskIndex]?.map === undefined ? 0 : 1;
  return depth(mapKey) < levelsOf(taskIndex, spec).length - own;
}

function verdictOf({ state, decision }: TaskRunRecord, decides: string | undefined, dependant: number): string {
  if (!isFinished(state)) return "wait";
  if (decides === "branch") return state === "success" && decision?.skips?.includes(dependant) ? "skip" : "pass";
  if (decides === "short_circuit") return state === "success" && decision?.stops ? "skip" : "pass";
  if (state === "success" || state === "removed") return "pass";
  return state === "skipped" ? "skip" : "upstream_failed";
}

/** Replaced by the task runs of its items. */
function isReplaced({ state, decision }: TaskRunRecord): boolean {
  return state === "success" && (decision?.mapped ?? 0) > 0;
}

/** An item of what has not been expanded again counts for nobody. */
function isShown({ taskIndex, mapKey }: TaskRunRecord, places: ReadonlyMap<string, TaskRunRecord>): boolean {
  for (let levels = depth(mapKey) - 1; levels >= 0; levels--) {
    const above = places.get(`${taskIndex}/${cut(mapKey, levels)}`);
    if (above !== undefined && !isReplaced(above)) return false;
  }
  return true;
}

function levelsOf(index: number, { tasks, groups = [] }: PipelineSpec): readonly string[] {
  const junction = groups.find(({ start, end }) => start === index || end === index);
  const levels: string[] = [];
  let group = junction === undefined ? tasks[index]?.group : junction.parent;
  for (; group !== undefined; group = groups[group]?.parent) if (groups[group]?.map) levels.unshift(`group ${group}`);
  return tasks[index]?.map === undefined ? levels : [...levels, `task ${index}`];
}

function sharedLevels(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((level, index) => other[index] !== level);
  return differs < 0 ? one.length : differs;
}

function depth(path: string): number {
  return path === "" ? 0 : path.split(".").length;
}

function cut(path: string, levels: number): string {
  return path.split(".").slice(0, levels).join(".");
}

/** Whether `path` is that of an item below `above`. */
function isBelow(path: string, above: string): boolean {
  return path !== above && (above === "" || path.startsWith(`${above}.`));
}
