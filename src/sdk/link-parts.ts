import { definitionError } from "./call-site.ts";
import type { Drafts, MapDraft, TaskDraft } from "./drafts.ts";
import { GroupLeaves } from "./group-leaves.ts";
import type { GroupTree } from "./group-tree.ts";
import { type Links, outward, type Targets } from "./links.ts";
import type { NamePlace, NameTable, Target } from "./name-table.ts";
import type { Part } from "./parts.ts";

/**
 * Draws the edges between parts. A group is waited for by its end, or by its leaves when it has none. From outside,
 * nothing hangs on a member of a group with retries but on that group's end; and no member of a mapped group hangs on
 * what is outside but its start does, for nothing is copied before all of it may go on.
 */
export function linkParts(links: Links): void {
  const { parts, drafts } = links;
  const targets = targetsOf(links);
  const leaves = new GroupLeaves(links, targets);
  for (const [position, part] of parts.all.entries()) {
    const to = parts.work.get(position) ?? position;
    for (const target of targets[position] ?? []) {
      refuseFarDecision(target, part, links);
      for (const from of leaves.positionsOf(target, part.group)) connect(from, to, links);
    }
  }
  for (const [position, draft] of drafts.tasks.entries()) gateByFarInputs(position, draft, links);
  for (const [position, draft] of drafts.tasks.entries()) gateBySource(position, draft.map, links);
  for (const [group, start] of parts.starts.entries()) {
    if (start !== undefined) gateBySource(start, drafts.groups[group]?.map, links);
  }
  for (const position of parts.work.keys()) linkTeardown(position, links);
  for (const group of drafts.groups.keys()) linkEnd(group, links);
  for (const part of parts.all) gateByStart(part, links);
}

function targetsOf(links: Links): Targets {
  const { parts, drafts } = links;
  const targets: (readonly Target[])[] = parts.all.map(() => []);
  for (const [position, draft] of drafts.tasks.entries()) targets[position] = targetsOfTask(draft, links);
  for (const [group, start] of parts.starts.entries()) {
    if (start !== undefined) targets[start] = targetsOfGroup(group, links);
  }
  return targets;
}

function targetsOfTask(draft: TaskDraft, { names, drafts }: Links): readonly Target[] {
  const place = { what: `Task "${draft.name}"`, at: draft.location, group: draft.group };
  const inputs = Object.values(draft.input).map((name) => names.find({ name, isWhole: true }, place));
  const after = draft.after.map((reference) => {
    const target = names.find(reference, place);
    if (target.kind === "group") refuseOwnGroup(target.index, { drafts, place });
    return target;
  });
  return [...inputs, ...after, ...sourceOf(draft.map, names, place)];
}

function targetsOfGroup(group: number, { names, drafts }: Links): readonly Target[] {
  const draft = drafts.groups[group];
  if (draft === undefined) return [];
  const place = { what: `Group "${draft.name}"`, at: draft.location, group: draft.group };
  const after = draft.after.map((reference) => {
    const target = names.find(reference, place);
    if (target.kind === "group") refuseOwnGroup(target.index, { drafts, place: { ...place, group } });
    return target;
  });
  return [...after, ...sourceOf(draft.map, names, place)];
}

function sourceOf(map: MapDraft | undefined, names: NameTable, place: NamePlace): readonly Target[] {
  return map?.over.kind === "task" ? [names.find({ name: map.over.name, isWhole: true }, place)] : [];
}

function refuseOwnGroup(
  group: number,
  { drafts, place }: { readonly drafts: Drafts; readonly place: NamePlace },
): void {
  for (let around = place.group; around !== undefined; around = drafts.groups[around]?.group) {
    if (around !== group) continue;
    const hint = "Name the members that it has to wait for.";
    throw definitionError(
      `${place.what} waits for group "${drafts.groups[group]?.name}", which it is in.`,
      place.at,
      hint,
    );
  }
}

/** One edge, or what stands for it where it crosses the border of a group. */
function connect(from: number, to: number, { parts, tree }: Links): void {
  const source = parts.all[from];
  const part = parts.all[to];
  if (source === undefined || part === undefined) return;
  const outer = tree.mapBetween(part.group, source.group);
  const lifted = outer === undefined ? undefined : parts.starts[outer];
  refuseCrossing(source, part, { tree, outer });
  parts.all[lifted ?? to]?.upstream.add(from);
}

interface Crossing {
  readonly tree: GroupTree;
  /** The mapped group whose border the edge crosses inward. */
  readonly outer: number | undefined;
}

function refuseCrossing(source: Part, part: Part, { tree, outer }: Crossing): void {
  const { draft } = part;
  const group = tree.groups[outer ?? -1];
  if (group === undefined || draft === undefined) return;
  if (source.draft?.spec.decides === "branch") {
    throw definitionError(
      `"${part.name}" hangs on branch "${source.name}" alone, but it is one of many in mapped group "${group.name}".`,
      part.location,
      `Let the branch choose the group as a whole: group("${group.name}", { after: … }, …).`,
    );
  }
  if (draft.spec.when === "all_success" || draft.spec.role === "teardown") return;
  throw definitionError(
    `"${part.name}" has the rule ${draft.spec.when} and waits for "${source.name}" outside of mapped group "${group.name}".`,
    part.location,
    `The group waits as a whole: write when: "${draft.spec.when}" in the options of group "${group.name}".`,
  );
}

/** A copy, or one attempt of a group, cannot decide for what there is one of. */
function refuseFarDecision(target: Target, part: Part, { parts, tree }: Links): void {
  const source = target.kind === "task" ? parts.all[target.index] : undefined;
  const decides = source?.draft?.spec.decides;
  const group = tree.boundary(source?.group);
  if (source === undefined || decides === undefined || group === undefined) return;
  if (tree.contains(group, part.group) || part.draft?.spec.role === "teardown") return;
  const { name = "" } = tree.groups[group] ?? {};
  const kind = tree.isMapped(group) ? "mapped group" : "group with retries";
  throw definitionError(
    `"${part.name}" hangs on "${source.name}", which decides for tasks of ${kind} "${name}" only.`,
    part.location,
    `Let "${part.name}" wait for the whole group: after: ["${name}"].`,
  );
}

/**
 * A value from within a group with retries is there only if its own task gave it, however the group ended. So the task
 * is a gate, and the end of its group another one: no failure of it counts before the group has ended.
 */
function gateByFarInputs(position: number, draft: TaskDraft, { parts, tree, names }: Links): void {
  if (draft.spec.role === "teardown") return;
  for (const name of Object.values(draft.input)) {
    const from = names.taskCalled(name);
    refuseUnsureInput(draft, parts.all[from], tree);
    const source = parts.all[from];
    const end = outward(from, draft.group, { parts, tree });
    const outer = tree.mapBetween(draft.group, parts.all[end]?.group);
    const receiver = parts.all[(outer === undefined ? undefined : parts.starts[outer]) ?? position];
    if (end === from || source === undefined || receiver === undefined || receiver.when !== "all_success") continue;
    const isOneOfMany = source.draft?.map !== undefined || tree.mapBetween(source.group, receiver.group) !== undefined;
    if (!isOneOfMany) receiver.gates.add(from).add(end);
  }
}

/** Whatever its rule, a map waits for the list it goes over, and follows a source that gave none (DM-2). */
function gateBySource(position: number, map: MapDraft | undefined, { parts, tree, names }: Links): void {
  const part = parts.all[position];
  if (map?.over.kind !== "task" || part === undefined) return;
  const source = names.taskCalled(map.over.name);
  const outer = tree.mapBetween(part.group, parts.all[source]?.group);
  const receiver = parts.all[(outer === undefined ? undefined : parts.starts[outer]) ?? position];
  receiver?.gates.add(source).add(outward(source, part.group, { parts, tree }));
}

/** A group that starts without what its members take from outside would give them nothing in its place. */
function refuseUnsureInput(draft: TaskDraft, source: Part | undefined, tree: GroupTree): void {
  const group = tree.groups[tree.mapBetween(draft.group, source?.group) ?? -1];
  if (group === undefined || group.when === "all_success" || source === undefined) return;
  throw definitionError(
    `"${draft.name}" takes the value of "${source.name}", but mapped group "${group.name}" may start without it, by its rule ${group.when}.`,
    draft.location,
    `Take the value in a task before the group, with when: "${group.when}", or leave the rule of the group away.`,
  );
}

/** A tear-down hangs on two junctions alone: a set-up that succeeded, and the end of all work, however it ended. */
function linkTeardown(position: number, { parts, names, drafts }: Links): void {
  const draft = drafts.tasks[position];
  const setups = parts.setups.get(position);
  const work = parts.work.get(position);
  if (draft === undefined || setups === undefined || work === undefined) return;
  const place = { what: `Tear-down "${draft.name}"`, at: draft.location, group: draft.group };
  const own = new Set(draft.setups.map((reference) => names.findTask(reference, place)));
  for (const setup of own) {
    parts.all[setups]?.upstream.add(setup);
    parts.all[work]?.upstream.add(setup);
  }
  for (const [input, name] of Object.entries(draft.input)) {
    if (own.has(names.findTask({ name, isWhole: true }, place))) continue;
    const hint = "Take from its set-ups what it needs: it runs whatever becomes of the work between them.";
    throw definitionError(
      `Input \`${input}\` of tear-down "${draft.name}" comes from no set-up of it.`,
      place.at,
      hint,
    );
  }
  parts.all[position]?.upstream.add(setups).add(work);
}

/** The end of a group says how all of its work ended, once its tear-downs are through. */
function linkEnd(group: number, { parts, tree, drafts }: Links): void {
  const { [group]: start } = parts.starts;
  const { [group]: end } = parts.ends;
  const { [group]: cleanup } = parts.cleanups;
  const ending = parts.all[end ?? -1];
  if (ending === undefined) return;
  for (const position of parts.members[group] ?? []) {
    const draft = drafts.tasks[position];
    if (draft === undefined) continue;
    const isOwn = tree.around(draft.group).find((around) => parts.ends[around] !== undefined) === group;
    if (draft.spec.role === "teardown" && isOwn) parts.all[cleanup ?? -1]?.upstream.add(position);
    else ending.upstream.add(outward(position, group, { parts, tree }));
  }
  for (const gate of [start, cleanup]) if (gate !== undefined) ending.gates.add(gate);
}

/** Members start behind the start of their group: the nearest, for that one starts behind the one around it. */
function gateByStart(part: Part, { parts, tree }: Links): void {
  if (part.kind === "end" || part.kind === "cleanup") return;
  const held = tree.around(part.group).find((group) => parts.starts[group] !== undefined);
  const start = held === undefined ? undefined : parts.starts[held];
  if (start !== undefined) part.gates.add(start);
}
