import type { PipelineSpec, ProjectManifest, TaskSpec } from "../../core/manifest.ts";
import { plainTask } from "../../core/plain-task-for-tests.ts";
import type { TriggerRule } from "../../core/trigger-rule.ts";

/** A task of a test pipeline, by name: what it waits for, and what differs from the plainest task. */
export interface TaskSketch extends Partial<Omit<TaskSpec, "name" | "upstream">> {
  readonly after?: readonly string[];
}

/** Tasks in order, upstream first. */
export type PipelineSketch = Readonly<Record<string, TaskSketch>>;

export function manifestOf(
  pipelines: Readonly<Record<string, PipelineSketch>>,
  more: Partial<PipelineSpec> = {},
): ProjectManifest {
  return { format: 1, pipelines: Object.entries(pipelines).map(([name, tasks]) => pipelineSpec(name, tasks, more)) };
}

function pipelineSpec(name: string, tasks: PipelineSketch, more: Partial<PipelineSpec>): PipelineSpec {
  const names = Object.keys(tasks);
  return {
    name,
    location: LOCATION,
    tags: [],
    timezone: "UTC",
    tasks: Object.entries(tasks).map(([task, sketch]) => taskSpec(task, sketch, names)),
    graphHash: `graph of ${name}`,
    ...more,
  };
}

/** `a` to `b` to `c` … */
export function chain(...names: readonly string[]): PipelineSketch {
  return Object.fromEntries(names.map((name, index) => [name, { after: names.slice(Math.max(index - 1, 0), index) }]));
}

/** One task that waits for `count` others under a rule: `up0`, `up1`, …, then `join`. */
export function join(count: number, when: TriggerRule, more: PipelineSketch = {}): PipelineSketch {
  const upstream = Array.from({ length: count }, (_, index) => `up${index}`);
  return { ...Object.fromEntries(upstream.map((name) => [name, {}])), join: { after: upstream, when }, ...more };
}

function taskSpec(name: string, { after = [], ...sketch }: TaskSketch, names: readonly string[]): TaskSpec {
  const upstream = after.map((one) => names.indexOf(one)).sort((one, other) => one - other);
  return plainTask(name, { location: LOCATION, graceMs: 5_000, upstream, ...sketch });
}

const LOCATION = { file: "pipeline.ts", line: 1 };
