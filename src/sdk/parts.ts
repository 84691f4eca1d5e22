import type { SourceLocation } from "../core/manifest.ts";
import type { TriggerRule } from "../core/trigger-rule.ts";
import type { Drafts, TaskDraft } from "./drafts.ts";
import type { GroupTree } from "./group-tree.ts";

/**
 * What becomes a task of the manifest: a task of the user, or a junction that belongs to a group or a tear-down. Parts
 * are known by their position in the list of all parts, where the user's tasks come first, as they were defined.
 */
export interface Part {
  readonly name: string;
  readonly location: SourceLocation;
  /** The innermost group that it stands in. Junctions of a group stand outside of it. */
  readonly group: number | undefined;
  readonly kind: "task" | "start" | "end" | "cleanup" | "setups" | "work";
  /** The rule of the task, or of the group whose start it is. */
  readonly when: TriggerRule;
  /** Of a task. */
  readonly draft: TaskDraft | undefined;
  readonly upstream: Set<number>;
  readonly gates: Set<number>;
}

/** All parts, and where to find the junctions. */
export interface Parts {
  readonly all: readonly Part[];
  /** By group: the position of the junction, where the group has it. */
  readonly starts: readonly (number | undefined)[];
  readonly ends: readonly (number | undefined)[];
  readonly cleanups: readonly (number | undefined)[];
  /** By group: the parts that stand in it or in a group within it. */
  readonly members: readonly (readonly number[])[];
  /** By tear-down. */
  readonly setups: ReadonlyMap<number, number>;
  readonly work: ReadonlyMap<number, number>;
}

/** Makes a part of each task, and the junctions that groups and tear-downs need. */
export function makeParts({ tasks, groups }: Drafts, tree: GroupTree): Parts {
  const all: Part[] = tasks.map((draft) => partOf(draft, "task", draft));
  const add = (owner: Owner, kind: Part["kind"]): number => all.push(partOf(owner, kind)) - 1;
  const teardowns = [...tasks.entries()].filter(([, { spec }]) => spec.role === "teardown");
  const isRetried = groups.map((_, index) => tree.isRetried(index));
  // The group around it that is tried again first: those further out wait for the end of that one.
  const cleaned = new Set(teardowns.map(([, { group }]) => tree.around(group).find((around) => isRetried[around])));
  const isHeld = groups.map(({ after, map }, index) => after.length > 0 || map !== undefined || isRetried[index]);
  const junctions = {
    starts: groups.map((group, index) => (isHeld[index] ? add(group, "start") : undefined)),
    ends: groups.map((group, index) => (isRetried[index] ? add(group, "end") : undefined)),
    cleanups: groups.map((group, index) =>
      isRetried[index] && cleaned.has(index) ? add(group, "cleanup") : undefined,
    ),
    setups: new Map(teardowns.map(([index, draft]) => [index, add(draft, "setups")])),
    work: new Map(teardowns.map(([index, draft]) => [index, add(draft, "work")])),
  };
  return { all, members: membersOf(all, tree), ...junctions };
}

function membersOf(all: readonly Part[], tree: GroupTree): readonly (readonly number[])[] {
  const members: number[][] = tree.groups.map(() => []);
  for (const [position, { group }] of all.entries()) {
    for (const around of tree.around(group)) members[around]?.push(position);
  }
  return members;
}

type Owner = Pick<Part, "name" | "location" | "group"> & { readonly when?: TriggerRule };

function partOf({ name, location, group, when = "all_success" }: Owner, kind: Part["kind"], draft?: TaskDraft): Part {
  const rule = draft?.spec.when ?? when;
  const own = kind === "task" ? name : `${name}/${kind}`;
  return { name: own, location, group, kind, when: rule, draft, upstream: new Set(), gates: new Set() };
}
