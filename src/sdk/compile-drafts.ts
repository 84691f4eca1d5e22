import { buildGraph } from "../core/graph.ts";
import type { GroupSpec, MapSpec, TaskSpec } from "../core/manifest.ts";
import { definitionError } from "./call-site.ts";
import { type CleanupScope, cleanupScopes } from "./cleanup-scopes.ts";
import { checkCursors } from "./cursor-option.ts";
import { gateByDecisions } from "./decision-gates.ts";
import type { Drafts, GroupDraft, MapDraft, TaskDraft } from "./drafts.ts";
import { GroupTree } from "./group-tree.ts";
import { junctionSpec } from "./junction-spec.ts";
import { linkParts } from "./link-parts.ts";
import type { Links } from "./links.ts";
import { checkMaps } from "./map-checks.ts";
import { NameTable } from "./name-table.ts";
import { makeParts, type Part } from "./parts.ts";
import { checkPast } from "./past-check.ts";

/** Tasks and groups as the manifest has them. */
export interface CompiledDrafts {
  readonly tasks: readonly TaskSpec[];
  readonly groups: readonly GroupSpec[];
}

/** Puts everything that was defined in an order in which it can run, with the junctions and gates that it needs. */
export function compileDrafts(drafts: Drafts): CompiledDrafts {
  refuseEmptyGroups(drafts);
  const tree = new GroupTree(drafts.groups);
  const names = new NameTable(drafts);
  const parts = makeParts(drafts, tree);
  const links: Links = { drafts, tree, names, parts };
  linkParts(links);
  checkMaps(links);
  checkCursors(drafts, tree);
  checkPast(drafts, tree);
  const order = orderOf(parts.all);
  const scopes = cleanupScopes(links, order);
  gateByDecisions(links, order);
  return specs(links, order, scopes);
}

function refuseEmptyGroups({ tasks, groups }: Drafts): void {
  const used = new Set([...tasks, ...groups].map(({ group }) => group));
  const empty = groups.find((_, index) => !used.has(index));
  if (empty === undefined) return;
  const hint = "Define its tasks inside the function given to group(…), with the `task` that it receives.";
  throw definitionError(`Group "${empty.name}" has no task.`, empty.location, hint);
}

/** Upstream before dependants. Throws when parts wait for each other in a circle. */
function orderOf(parts: readonly Part[]): readonly number[] {
  const named = parts.map(({ name, location, upstream, gates }) => ({
    name,
    location,
    upstream: [...upstream, ...gates].map((position) => parts[position]?.name ?? ""),
  }));
  return buildGraph(named).order;
}

/** Index in the manifest of the part at a position. */
type Ranks = (position: number) => number;

function specs(links: Links, order: readonly number[], scopes: ReadonlyMap<number, CleanupScope>): CompiledDrafts {
  const { drafts, parts } = links;
  const places = new Map(order.map((position, index) => [position, index]));
  const ranks: Ranks = (position) => places.get(position) ?? -1;
  const sources = new Set([...drafts.tasks, ...drafts.groups].flatMap(({ map }) => sourceOf(map, links)));
  const tasks = order.flatMap((position) => {
    const part = parts.all[position];
    if (part === undefined) return [];
    const spec = part.draft === undefined ? junctionSpec(part) : taskSpec(part.draft, links, ranks);
    const isMapSource = sources.has(position) ? ({ isMapSource: true } as const) : {};
    return [{ ...spec, ...placeOf(part, ranks), ...cleanupOf(scopes.get(position), ranks), ...isMapSource }];
  });
  return { tasks, groups: drafts.groups.map((draft, group) => groupSpec(draft, group, { links, ranks })) };
}

function taskSpec(draft: TaskDraft, links: Links, ranks: Ranks): Omit<TaskSpec, "upstream"> {
  const { name, location, spec, map } = draft;
  const input: Record<string, number> = {};
  for (const [key, from] of Object.entries(draft.input)) input[key] = ranks(links.names.taskCalled(from));
  return { name, location, ...spec, input, ...mapOf(map, { links, ranks }) };
}

function placeOf({ upstream, gates, group }: Part, ranks: Ranks): Pick<TaskSpec, "upstream" | "gates" | "group"> {
  return {
    upstream: indexes(upstream, ranks),
    ...(group === undefined ? {} : { group }),
    ...(gates.size === 0 ? {} : { gates: indexes(gates, ranks) }),
  };
}

function cleanupOf(scope: CleanupScope | undefined, ranks: Ranks): Pick<TaskSpec, "cleanup"> {
  if (scope === undefined) return {};
  return { cleanup: { setups: indexes(scope.setups, ranks), work: indexes(scope.work, ranks) } };
}

interface Ranked {
  readonly links: Links;
  readonly ranks: Ranks;
}

function groupSpec(draft: GroupDraft, group: number, { links, ranks }: Ranked): GroupSpec {
  const { name, location, description, group: parent, retries, concurrency, map } = draft;
  const { [group]: start } = links.parts.starts;
  const { [group]: end } = links.parts.ends;
  const { [group]: cleanup } = links.parts.cleanups;
  return {
    name,
    location,
    ...(description === undefined ? {} : { description }),
    ...(parent === undefined ? {} : { parent }),
    ...(start === undefined ? {} : { start: ranks(start) }),
    ...(end === undefined ? {} : { end: ranks(end) }),
    ...(cleanup === undefined ? {} : { cleanup: ranks(cleanup) }),
    ...(retries === undefined || end === undefined ? {} : { retries }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...mapOf(map, { links, ranks }),
  };
}

function mapOf(map: MapDraft | undefined, { links, ranks }: Ranked): { readonly map?: MapSpec } {
  if (map === undefined) return {};
  const { over } = map;
  if (over.kind === "items") return { map: { ...map, over } };
  return { map: { ...map, over: { kind: "task", index: ranks(links.names.taskCalled(over.name)) } } };
}

function sourceOf(map: MapDraft | undefined, { names }: Links): readonly number[] {
  return map?.over.kind === "task" ? [names.taskCalled(map.over.name)] : [];
}

function indexes(positions: Iterable<number>, ranks: Ranks): readonly number[] {
  return Array.from(positions, ranks).sort((one, other) => one - other);
}
