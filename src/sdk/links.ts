import type { Drafts } from "./drafts.ts";
import type { GroupTree } from "./group-tree.ts";
import type { NameTable, Target } from "./name-table.ts";
import type { Parts } from "./parts.ts";

/** What each part waits for, as its author named it; a group counts as one. */
export type Targets = readonly (readonly Target[])[];

export interface Links {
  readonly drafts: Drafts;
  readonly tree: GroupTree;
  readonly names: NameTable;
  readonly parts: Parts;
}

/** What stands for a part where somebody outside of groups with retries waits for it: the end of the outermost one. */
export function outward(
  position: number,
  outside: number | undefined,
  { parts, tree }: Pick<Links, "parts" | "tree">,
): number {
  const around = tree.around(parts.all[position]?.group);
  const crossed = around.findLast((group) => parts.ends[group] !== undefined && !tree.contains(group, outside));
  return (crossed === undefined ? undefined : parts.ends[crossed]) ?? position;
}
