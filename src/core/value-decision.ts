import { closestName } from "./closest-name.ts";
import { descendantsOf, type TaskGraph } from "./graph.ts";
import { partsOfGroup } from "./group-parts.ts";
import type { Json } from "./json.ts";
import type { PipelineSpec, TaskSpec } from "./manifest.ts";
import type { RunDecision } from "./run-decision.ts";

export type ValueDecision =
  | { readonly kind: "decided"; readonly decision: RunDecision | null }
  | { readonly kind: "invalid"; readonly message: string; readonly hint: string };

const NOTHING_DECIDED: ValueDecision = { kind: "decided", decision: null };

/** What the value of a branch or a short circuit decides (SK-1, SK-3); nothing for other tasks. */
export function decideByValue(
  pipeline: { readonly spec: PipelineSpec; readonly graph: TaskGraph },
  index: number,
  value: Json,
): ValueDecision {
  switch (pipeline.spec.tasks[index]?.decides) {
    case "branch":
      return decideBranch(pipeline, index, value);
    case "short_circuit":
      return value === false || value === null || value === 0 || value === ""
        ? { kind: "decided", decision: { stops: true } }
        : NOTHING_DECIDED;
    default:
      return NOTHING_DECIDED;
  }
}

function decideBranch(
  { spec, graph }: { readonly spec: PipelineSpec; readonly graph: TaskGraph },
  index: number,
  value: Json,
): ValueDecision {
  const names = namesOf(value);
  if (names === undefined) {
    return {
      kind: "invalid",
      message: "A branch returns the name of a task or group, a list of names, or nothing.",
      hint: 'Return "load_full", ["load_full", "notify"], or null for none.',
    };
  }
  const found = names.map((name) => ({ name, tasks: tasksNamed(spec, index, name) }));
  const unknown = found.find(({ tasks }) => tasks.length === 0);
  if (unknown !== undefined) return unknownName(spec, index, unknown.name);
  const gated = graph.gated[index] ?? [];
  const chosen = found.flatMap(({ tasks }) => (tasks.some((task) => gated.includes(task)) ? tasks : []));
  const kept = new Set([...chosen, ...descendantsOf(graph.followers, chosen)]);
  const stranger = found.find(({ tasks }) => !tasks.some((task) => kept.has(task)));
  if (stranger !== undefined) return strangerTo(spec.tasks[index], stranger.name);
  return { kind: "decided", decision: { skips: gated.filter((dependant) => !kept.has(dependant)) } };
}

function namesOf(value: Json): readonly string[] | undefined {
  if (value === null || value === false) return [];
  const list: readonly Json[] = Array.isArray(value) ? value : [value];
  return list.every((name) => typeof name === "string") ? list : undefined;
}

/** Tasks that a name means: the branch's own group is looked through before the groups around it. */
function tasksNamed(spec: PipelineSpec, branch: number, name: string): readonly number[] {
  for (const full of namesWithin(spec, spec.tasks[branch], name)) {
    const task = spec.tasks.findIndex((candidate) => candidate.name === full);
    if (task >= 0) return [task];
    const group = spec.groups?.findIndex((candidate) => candidate.name === full) ?? -1;
    if (group >= 0) return partsOfGroup(spec, group);
  }
  return [];
}

function namesWithin(spec: PipelineSpec, task: TaskSpec | undefined, name: string): readonly string[] {
  const names: string[] = [];
  for (let group = task?.group; group !== undefined; group = spec.groups?.[group]?.parent) {
    names.push(`${spec.groups?.[group]?.name}.${name}`);
  }
  return [...names, name];
}

function unknownName(spec: PipelineSpec, branch: number, name: string): ValueDecision {
  const names = [...spec.tasks, ...(spec.groups ?? [])]
    .map((part) => part.name)
    .filter((known) => !known.includes("/"));
  const meant = closestName(name, names);
  return {
    kind: "invalid",
    message: `The branch ${spec.tasks[branch]?.name ?? ""} chose "${name}", which is no task or group of this pipeline.`,
    hint: meant === undefined ? "Return names of tasks or groups that hang on the branch." : `Did you mean "${meant}"?`,
  };
}

/** To keep what does not hang on the branch, or hangs on what is skipped, would leave nothing to run and say nothing. */
function strangerTo(branch: TaskSpec | undefined, name: string): ValueDecision {
  return {
    kind: "invalid",
    message: `The branch ${branch?.name ?? ""} chose "${name}", which does not hang on it directly.`,
    hint: `Let "${name}" wait for the branch, with \`after\`, or choose what does.`,
  };
}
