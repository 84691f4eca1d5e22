import { definitionError } from "./call-site.ts";
import type { Drafts } from "./drafts.ts";
import type { GroupTree } from "./group-tree.ts";

/** Refuses a past of what there are many of: nobody knows which copy of the run before it would be. */
export function checkPast({ tasks }: Drafts, tree: GroupTree): void {
  for (const { name, spec, group, location } of tasks) {
    if (spec.dependsOnPast !== true) continue;
    const map = tree.around(group).find((index) => tree.isMapped(index));
    if (map === undefined) continue;
    const message = `\`dependsOnPast\` of task "${name}" cannot be true, for it is one of many in mapped group "${tree.groups[map]?.name}".`;
    throw definitionError(message, location, PAST_OF_MANY);
  }
}

export const PAST_OF_MANY = "The items of two runs need not be the same. Let a task before the map depend on the past.";
