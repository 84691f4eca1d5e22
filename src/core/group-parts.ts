import type { PipelineSpec } from "./manifest.ts";

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
    const { start, end } = spec.groups?.[one] ?? {};
    if (start !== undefined) parts.add(start);
    if (end !== undefined) parts.add(end);
  }
  return [...parts].sort((one, other) => one - other);
}
