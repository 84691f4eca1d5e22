import { definitionError } from "./call-site.ts";
import { type Links, outward } from "./links.ts";
import type { Part } from "./parts.ts";

/** The set-ups of a tear-down, and the work that they are made for. */
export interface CleanupScope {
  readonly setups: readonly number[];
  readonly work: readonly number[];
}

/**
 * Finds the work between set-ups and their tear-down: what hangs on a set-up and comes before the tear-down. The
 * tear-down waits for all of it, and each set-up is a gate of what hangs on it (SU-1, SU-2). `order` has upstream before
 * dependants.
 */
export function cleanupScopes(links: Links, order: readonly number[]): ReadonlyMap<number, CleanupScope> {
  const scopes = new Map<number, CleanupScope>();
  for (const [teardown, junction] of links.parts.work) {
    const part = links.parts.all[teardown];
    const setups = [...(links.parts.all[links.parts.setups.get(teardown) ?? -1]?.upstream ?? [])];
    if (part === undefined) continue;
    for (const setup of setups) checkSetup(setup, part, links);
    scopes.set(teardown, scopeOf({ teardown, junction, setups }, links, order));
  }
  return scopes;
}

interface Cleanup {
  readonly teardown: number;
  /** The junction at which all work comes together. */
  readonly junction: number;
  readonly setups: readonly number[];
}

function scopeOf({ teardown, junction, setups }: Cleanup, links: Links, order: readonly number[]): CleanupScope {
  const { parts, tree } = links;
  const before = ancestors(junction, links);
  /** Part -> set-ups that it hangs on. */
  const reached = new Map<number, ReadonlySet<number>>(setups.map((setup) => [setup, new Set([setup])]));
  const work: number[] = [];
  for (const position of order) {
    const part = parts.all[position];
    if (part === undefined || !before.has(position)) continue;
    const found = new Set([...part.upstream, ...part.gates].flatMap((from) => [...(reached.get(from) ?? [])]));
    if (found.size === 0) continue;
    reached.set(position, new Set([...found, ...(reached.get(position) ?? [])]));
    if (setups.includes(position)) continue;
    if (part.kind === "task") work.push(position);
    holdBack(part, found, links);
  }
  const { group } = parts.all[teardown] ?? {};
  for (const position of work) parts.all[junction]?.upstream.add(outward(position, group, { parts, tree }));
  refuseIdle({ teardown, setups }, { work, reached }, links);
  return { setups, work };
}

/** Everything that ends before a part starts. */
function ancestors(position: number, { parts }: Links): ReadonlySet<number> {
  const found = new Set<number>();
  const open = [position];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const part = parts.all[index];
    for (const from of [...(part?.upstream ?? []), ...(part?.gates ?? [])]) {
      if (found.has(from)) continue;
      found.add(from);
      open.push(from);
    }
  }
  return found;
}

/** What is within a map is held back at the start of the map. */
function holdBack(part: Part, setups: ReadonlySet<number>, { parts, tree }: Links): void {
  if ((part.kind !== "task" && part.kind !== "start") || part.draft?.spec.role === "teardown") return;
  for (const setup of setups) {
    if (tree.mapBetween(part.group, parts.all[setup]?.group) === undefined) part.gates.add(setup);
  }
}

function checkSetup(position: number, teardown: Part, { parts, tree }: Links): void {
  const setup = parts.all[position];
  if (setup === undefined) return;
  if (setup.draft?.spec.role !== "setup") {
    throw definitionError(
      `Tear-down "${teardown.name}" names "${setup.name}" as its set-up, which is none.`,
      teardown.location,
      `Write setup: true in the options of "${setup.name}".`,
    );
  }
  if (tree.boundary(setup.group) === tree.boundary(teardown.group)) return;
  throw definitionError(
    `Tear-down "${teardown.name}" and its set-up "${setup.name}" are not in the same mapped group, or group with retries.`,
    teardown.location,
    "Define both in the same group: each copy, and each attempt of the group, takes away what it has made.",
  );
}

function refuseIdle(
  { teardown, setups }: Pick<Cleanup, "teardown" | "setups">,
  { work, reached }: { readonly work: readonly number[]; readonly reached: ReadonlyMap<number, ReadonlySet<number>> },
  { parts }: Links,
): void {
  const part = parts.all[teardown];
  const used = new Set(work.flatMap((position) => [...(reached.get(position) ?? [])]));
  const idle = parts.all[setups.find((setup) => !used.has(setup)) ?? -1];
  if (part === undefined || idle === undefined) return;
  throw definitionError(
    `There is no work between set-up "${idle.name}" and its tear-down "${part.name}".`,
    part.location,
    `Let the work wait for the set-up, and the tear-down for the work: after: ["${idle.name}"] there, after: [work] here.`,
  );
}
