import type { PipelineSpec } from "../manifest.ts";

type Triggered = Pick<PipelineSpec, "name" | "triggers">;

/** Pipelines whose ends start this one. */
function triggeringPipelines({ triggers = [] }: Pick<PipelineSpec, "triggers">): readonly string[] {
  return triggers.flatMap(({ source }) => (source.kind === "pipeline" ? [source.pipeline] : []));
}

/**
 * Circles in which the end of a run leads to another run of the same pipeline, and so on for ever: each as a path that
 * ends where it began, in the order in which one starts the next. Each circle is given once, from its first name on.
 */
export function triggerCycles(pipelines: readonly Triggered[]): readonly (readonly string[])[] {
  const above = new Map(pipelines.map((pipeline) => [pipeline.name, triggeringPipelines(pipeline)]));
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const { name } of pipelines) {
    if (done.has(name)) continue;
    const cycle = cycleThrough(name, above);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    for (const member of cycle) done.add(member);
  }
  return cycles;
}

/** The shortest way from a pipeline back to itself. */
function cycleThrough(name: string, above: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const ways = new Map<string, readonly string[]>([[name, [name]]]);
  for (const [at, way] of ways) {
    for (const starter of above.get(at) ?? []) {
      if (starter === name) return [name, ...way];
      if (!ways.has(starter)) ways.set(starter, [starter, ...way]);
    }
  }
  return undefined;
}
