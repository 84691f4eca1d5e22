import { isJunction } from "../../core/junction.ts";
import type { GroupSpec, PipelineSpec } from "../../core/manifest.ts";
import type { Output } from "./output.ts";
import { retriesText } from "./retries-text.ts";
import { type Column, renderTable } from "./table.ts";
import { mapText } from "./task-notes.ts";

/** A line for each group, with what is said of it as a whole; nothing without groups. */
export function groupTable(pipeline: PipelineSpec, output: Pick<Output, "columns" | "colors">): string {
  const { groups = [], tasks } = pipeline;
  if (groups.length === 0) return "";
  const counts = memberCounts(pipeline);
  const rows = groups.map((group, index) => {
    const rule = tasks[group.start ?? -1]?.when ?? "all_success";
    return [
      group.name,
      (counts[index] ?? 0).toLocaleString("en"),
      rule === "all_success" ? "" : rule,
      group.retries === undefined ? "" : retriesText(group.retries),
      groupNotes(group, pipeline),
    ];
  });
  const used = COLUMNS.map(({ isKept }, column) => isKept || rows.some((row) => row[column] !== ""));
  const kept = <T>(cells: readonly T[]): readonly T[] => cells.filter((_, column) => used[column]);
  return renderTable(kept(COLUMNS), rows.map(kept), output);
}

const COLUMNS: readonly (Column & { readonly isKept?: true })[] = [
  { title: "GROUP", isKept: true },
  { title: "TASKS", align: "right", isKept: true },
  { title: "WHEN" },
  { title: "RETRIES" },
  { title: "NOTES", whenNarrow: "shrinks", isKept: true },
];

/** With the members of groups within it. */
function memberCounts({ groups = [], tasks }: PipelineSpec): readonly number[] {
  const counts = groups.map(() => 0);
  for (const task of tasks) {
    if (isJunction(task)) continue;
    for (let group = task.group; group !== undefined; group = groups[group]?.parent) {
      counts[group] = (counts[group] ?? 0) + 1;
    }
  }
  return counts;
}

function groupNotes({ description, map, concurrency }: GroupSpec, pipeline: PipelineSpec): string {
  const parts = [
    description,
    map === undefined ? undefined : mapText(map, pipeline),
    concurrency === undefined ? undefined : `at most ${concurrency} attempts at a time`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}
