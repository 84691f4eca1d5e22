import type { PipelineSpec } from "../../core/manifest.ts";
import type { CompiledProject } from "../../execution/project/compile-project.ts";

/** A pipeline as the project runs it: as its file is now, or as it was when it was good last. */
export interface CurrentPipeline {
  readonly spec: PipelineSpec;
  /** The version that has it so. */
  readonly versionHash: string;
}

/** By name. */
export type CurrentPipelines = ReadonlyMap<string, CurrentPipeline>;

/**
 * What a project runs after it was compiled: all that is sound, and of files that are broken what they had before. A
 * pipeline whose file is gone, or does not have it any more, is gone.
 *
 * @param exportsOf names of the pipelines of a file; undefined when nobody knows, for it could not be loaded
 */
export function currentPipelines(
  before: CurrentPipelines,
  { hash, manifest, problems }: Pick<CompiledProject, "hash" | "manifest" | "problems">,
  exportsOf: (file: string) => ReadonlySet<string> | undefined,
): CurrentPipelines {
  const broken = new Set(problems.filter(({ severity }) => severity === "error").map(({ file }) => file));
  const kept = [...before].filter(([name, { spec }]) => {
    const { file } = spec.location;
    return broken.has(file) && exportsOf(file)?.has(name) !== false;
  });
  const sound = manifest.pipelines.map((spec) => [spec.name, { spec, versionHash: hash }] as const);
  return new Map([...kept, ...sound]);
}

/** Names of the pipelines that are as an older version has them. */
export function keptFrom(current: CurrentPipelines, versionHash: string): readonly string[] {
  return [...current].flatMap(([name, pipeline]) => (pipeline.versionHash === versionHash ? [] : [name])).sort();
}
