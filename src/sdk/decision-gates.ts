import { definitionError } from "./call-site.ts";
import type { Links } from "./links.ts";
import type { Part } from "./parts.ts";

/**
 * Makes branches gates of their direct dependants (SK-1), and short circuits gates of all their descendants (SK-3).
 * `order` has upstream before dependants.
 */
export function gateByDecisions({ parts, tree }: Links, order: readonly number[]): void {
  const deciders = order.filter((position) => parts.all[position]?.draft?.spec.decides !== undefined);
  if (deciders.length === 0) return;
  for (const decider of deciders) {
    const part = parts.all[decider];
    if (part === undefined) continue;
    const gated =
      part.draft?.spec.decides === "branch"
        ? choices(decider, parts.all)
        : descendants(decider, { parts, tree }, order);
    if (part.draft?.spec.decides === "branch" && gated.length === 0) throw nothingToChoose(part);
    for (const dependant of gated) dependant.gates.add(decider);
  }
}

/** Junctions at the end of something wait for the branch; it does not choose them. */
function choices(branch: number, parts: readonly Part[]): readonly Part[] {
  return parts.filter((part) => part.upstream.has(branch) && isChosen(part));
}

function isChosen(part: Part): boolean {
  return (part.kind === "task" || part.kind === "start") && part.draft?.spec.role !== "teardown";
}

/** Within the group that has copies or attempts of its own, where it is in one; what is in a map waits at its start. */
function descendants(
  decider: number,
  { parts, tree }: Pick<Links, "parts" | "tree">,
  order: readonly number[],
): readonly Part[] {
  const { group } = parts.all[decider] ?? {};
  const boundary = tree.boundary(group);
  const reached = new Set([decider]);
  const found: Part[] = [];
  for (const position of order) {
    const part = parts.all[position];
    if (part === undefined || ![...part.upstream, ...part.gates].some((from) => reached.has(from))) continue;
    if (boundary !== undefined && !tree.contains(boundary, part.group)) continue;
    reached.add(position);
    const isSpared = part.draft?.spec.role === "teardown" || ["cleanup", "setups", "work"].includes(part.kind);
    if (!isSpared && tree.mapBetween(part.group, group) === undefined) found.push(part);
  }
  return found;
}

function nothingToChoose({ name, location }: Part): Error {
  const hint = `Let the tasks it chooses from wait for it: task(…, { after: "${name}" }, …).`;
  return definitionError(`Branch "${name}" has nothing to choose: no task and no group waits for it.`, location, hint);
}
