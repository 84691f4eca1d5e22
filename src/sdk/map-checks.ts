import { definitionError } from "./call-site.ts";
import type { GroupDraft, TaskDraft } from "./drafts.ts";
import type { Links } from "./links.ts";

/** Refuses a map over what there are many of: the list has to be one value. */
export function checkMaps(links: Links): void {
  for (const draft of links.drafts.tasks) checkSource(draft, "task", links);
  for (const draft of links.drafts.groups) checkSource(draft, "group", links);
}

function checkSource(
  { name, location, group, map }: TaskDraft | GroupDraft,
  kind: "task" | "group",
  { names, drafts, tree }: Links,
): void {
  if (map?.over.kind !== "task") return;
  const source = drafts.tasks[names.taskCalled(map.over.name)];
  if (source === undefined) return;
  const outer = tree.mapBetween(source.group, group);
  if (source.map === undefined && outer === undefined) return;
  const many =
    outer === undefined ? "is mapped itself" : `is one of many in mapped group "${tree.groups[outer]?.name}"`;
  throw definitionError(
    `\`map\` of ${kind} "${name}" goes over "${source.name}", which ${many}.`,
    location,
    `Gather the lists first: task("gather", { input: { lists: … } }, async ({ input }) => (await input.lists.toArray()).flat()).`,
  );
}
