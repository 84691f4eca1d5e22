import type { Json } from "../core/json.ts";
import type { MapSpec } from "../core/manifest.ts";
import { labelOfItem } from "../core/map-label.ts";
import { outerPath } from "../core/map-path.ts";
import { MAP_LIMIT_MAX } from "../core/map-source.ts";
import type { OutputRow, TaskRunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** What a map goes over, as far as its expansion needs to know. */
export type MapItems =
  | { readonly kind: "items"; readonly count: number; readonly labels?: readonly string[] }
  /** The map cannot be expanded; a sentence that says why, and how to mend it. */
  | { readonly kind: "problem"; readonly message: string; readonly hint: string };

/** Counts the items of the map that a task run stands for. */
export async function mapItems(tx: Transaction, set: WorkingSet, row: TaskRunRow, map: MapSpec): Promise<MapItems> {
  const items =
    map.over.kind === "items" ? givenItems(map.over.items, map.label) : await sourceItems(tx, set, row, map);
  if (items.kind === "problem" || items.count <= map.limit) return items;
  return {
    kind: "problem",
    message: `The list has ${items.count} items, and the map takes at most ${map.limit}.`,
    hint:
      map.limit < MAP_LIMIT_MAX
        ? `Let one task run handle several items, or raise \`mapLimit\`: up to ${MAP_LIMIT_MAX} are possible.`
        : "Let one task run handle several items: no map takes more.",
  };
}

function givenItems(items: Json, label: string | undefined): MapItems {
  if (!Array.isArray(items)) return noList("The map goes over what is no list.");
  const list: readonly Json[] = items;
  if (label === undefined) return { kind: "items", count: list.length };
  return { kind: "items", count: list.length, labels: list.map((item) => labelOfItem(item, label)) };
}

async function sourceItems(
  tx: Transaction,
  set: WorkingSet,
  row: TaskRunRow,
  { over, label }: MapSpec,
): Promise<MapItems> {
  const source = over.kind === "task" ? over.index : -1;
  const name = set.run(row.runKey).pipeline.spec.tasks[source]?.name ?? "";
  const output = await sourceOutput(tx, set, row, source);
  if (output === undefined) return noList(`The map goes over the value of ${name}, which has none.`);
  if (output.items === null) return noList(`The map goes over the value of ${name}, which is no list.`);
  const labels = label === undefined ? undefined : labelsAt(output.labels, label);
  return { kind: "items", count: output.items, ...(labels === undefined ? {} : { labels }) };
}

async function sourceOutput(
  tx: Transaction,
  set: WorkingSet,
  row: TaskRunRow,
  source: number,
): Promise<Pick<OutputRow, "items" | "labels"> | undefined> {
  const { after, pipeline } = set.run(row.runKey);
  const path = outerPath(row.mapKey, pipeline.graph.levels.shared(source, row.taskIndex));
  const [found] =
    path === ""
      ? await tx.taskRuns([after.firstKey + source])
      : await tx.taskRunsAt(after.key, [{ index: source, path }]);
  const own = found === undefined ? undefined : (set.unwrittenOutput(found.key) ?? (await tx.output(found.key)));
  if (found !== undefined) return own;
  // A run of some of the tasks takes values of the others from an earlier run.
  const lender = (await tx.run(after.id))?.borrowsFrom ?? null;
  return lender === null ? undefined : (await tx.outputs(lender, [source]))[0];
}

function labelsAt(labels: string | null, path: string): readonly string[] | undefined {
  return labels === null ? undefined : (JSON.parse(labels) as Record<string, readonly string[]>)[path];
}

function noList(message: string): MapItems {
  return { kind: "problem", message, hint: "Return a list: an array that survives JSON." };
}
