import type { GroupSpec, PipelineSpec } from "./manifest.ts";

/** Its members, those of the groups in it, and its junctions. */
export function partsOfGroup(spec: Pick<PipelineSpec, "tasks" | "groups">, group: number): readonly number[] {
  const inside = new Set([group]);
  for (const [index, { parent }] of (spec.groups ?? []).entries()) {
    if (parent !== undefined && inside.has(parent)) inside.add(index);
  }
  const parts = new Set<number>();
  for (const [index, task] of spec.tasks.entries()) {
    if (task.group !== undefined && inside.has(task.group)) parts.add(index);
  }
  for (const one of inside) {
    for (const junction of junctionsOfGroup(spec.groups?.[one])) parts.add(junction);
  }
  return [...parts].sort((one, other) => one - other);
}

/** They stand outside of the group, where there is one of each however many copies of its members there are. */
export function junctionsOfGroup({ start, end, cleanup }: Partial<GroupSpec> = {}): readonly number[] {
  return [start, end, cleanup].filter((junction) => junction !== undefined);
}
