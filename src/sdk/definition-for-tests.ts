import { expect } from "vitest";
import type { PipelineDefinition } from "../core/definition.ts";
import type { GroupSpec, TaskSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { pipeline } from "./pipeline.ts";
import type { PipelineBuilder } from "./pipeline-builder.ts";

/** A pipeline of which only the tasks matter. */
export function define(build: (builder: PipelineBuilder) => void): PipelineDefinition {
  return pipeline("sales", build);
}

export function taskOf(definition: PipelineDefinition, name: string): TaskSpec {
  const found = definition.spec.tasks.find((task) => task.name === name);
  if (found === undefined) throw new Error(`No task ${name}.`);
  return found;
}

export function groupOf(definition: PipelineDefinition, name: string): GroupSpec {
  const found = definition.spec.groups?.find((group) => group.name === name);
  if (found === undefined) throw new Error(`No group ${name}.`);
  return found;
}

/** Names of upstream tasks by task, as `a b`. */
export function upstreamOf(definition: PipelineDefinition): Record<string, string> {
  return edgesOf(definition, ({ upstream }) => upstream);
}

/** Names of gates by task, as `a b`; tasks without any are left out. */
export function gatesOf(definition: PipelineDefinition): Record<string, string> {
  const gates = edgesOf(definition, (task) => task.gates ?? []);
  return Object.fromEntries(Object.entries(gates).filter(([, names]) => names !== ""));
}

function edgesOf({ spec }: PipelineDefinition, edges: (task: TaskSpec) => readonly number[]): Record<string, string> {
  for (const [index, task] of spec.tasks.entries()) {
    const before = [...task.upstream, ...(task.gates ?? [])];
    expect(before.every((from) => from < index)).toBe(true);
  }
  return Object.fromEntries(
    spec.tasks.map((task) => [
      task.name,
      edges(task)
        .map((index) => spec.tasks[index]?.name)
        .join(" "),
    ]),
  );
}

export interface FoundError {
  readonly message: string;
  readonly hint: string;
  readonly line: number;
}

/** The definition error that `build` makes, in a test file. */
export function errorOf(build: () => unknown): FoundError {
  try {
    build();
  } catch (error) {
    if (!(error instanceof BatutaError)) throw error;
    expect(error.code).toBe("invalid_definition");
    expect(error.location?.file).toMatch(/test[^/]*\.ts$/);
    return { message: error.message, hint: error.hint ?? "", line: error.location?.line ?? 0 };
  }
  throw new Error("Nothing was thrown.");
}
