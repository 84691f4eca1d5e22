import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PipelineDefinition } from "../../core/definition.ts";
import type { PipelineSpec, SourceLocation } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { graphHash, isInside, relativeSpec } from "./graph-hash.ts";

/**
 * Imports a pipeline file of a version and gives the definitions it exports. Runs user code: only in a loader or task
 * process.
 */
export async function importDefinitions(rootDir: string, file: string): Promise<readonly PipelineDefinition[]> {
  const module: unknown = await import(pathToFileURL(join(rootDir, file)).href);
  return definitionsOf(module);
}

/** One pipeline of a file, by name. Throws `not_found` when the file does not export it. */
export async function importDefinition(rootDir: string, file: string, name: string): Promise<PipelineDefinition> {
  const definitions = await importDefinitions(rootDir, file);
  const found = definitions.find((definition) => definition.spec.name === name);
  if (found !== undefined) return found;
  throw new BatutaError("not_found", `${file} does not export pipeline "${name}".`, {
    hint: "Name what pipeline(…) returns in an export of that file.",
  });
}

/** Exported pipelines, each once; lists of pipelines count too, for those who make them in a loop. */
function definitionsOf(module: unknown): readonly PipelineDefinition[] {
  if (typeof module !== "object" || module === null) return [];
  return [...new Set(Object.values(module).flat().filter(isDefinition))];
}

/** A pipeline as one file exports it. */
export interface LoadedPipeline {
  readonly spec: PipelineSpec;
  /** Where `pipeline(…)` was called, which may be another file than the one that exports the result. */
  readonly definedAt: SourceLocation;
}

/**
 * The specification as the manifest keeps it, with places relative to the project. The pipeline's own place is in the
 * file that exports it, for that is the one a task process imports.
 */
export function loadedPipeline(definition: PipelineDefinition, rootDir: string, file: string): LoadedPipeline {
  const spec = relativeSpec(definition.spec, rootDir);
  const location = spec.location.file === file ? spec.location : { file, line: 1 };
  const groups = spec.groups && { groups: spec.groups.map((group) => placed(group, location)) };
  const triggers = spec.triggers && { triggers: spec.triggers.map((trigger) => placed(trigger, location)) };
  const tasks = spec.tasks.map((task) => placed(task, location));
  return {
    spec: { ...spec, location, tasks, ...groups, ...triggers, graphHash: graphHash(spec) },
    definedAt: spec.location,
  };
}

/** What a package defines is shown at the pipeline that uses it. */
function placed<Placed extends { readonly location: SourceLocation }>(part: Placed, location: SourceLocation): Placed {
  return isInside(part.location) ? part : { ...part, location };
}

function isDefinition(candidate: unknown): candidate is PipelineDefinition {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    "batuta" in candidate &&
    candidate.batuta === "pipeline" &&
    "spec" in candidate &&
    "functions" in candidate
  );
}
