import type { PipelineSpec } from "../../core/manifest.ts";
import { codeFrame } from "./code-frame.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { LoadedPipeline } from "./definitions.ts";
import type { LoadedFile } from "./loader.ts";
import type { ProjectProblem } from "./problem.ts";

interface MergedFiles {
  /** Sorted by name. */
  readonly pipelines: readonly PipelineSpec[];
  readonly problems: readonly ProjectProblem[];
}

/**
 * One list of pipelines out of those of all files. Names are unique in a project: of two pipelines with one name
 * neither is taken, for nobody can know which is meant.
 */
export function mergeFiles(files: readonly LoadedFile[], sources: readonly SourceFile[]): MergedFiles {
  const problems = files.flatMap((file) => file.problems);
  const pipelines: PipelineSpec[] = [];
  const byName = Map.groupBy(
    files.flatMap((file) => file.pipelines),
    ({ spec }) => spec.name,
  );
  for (const exported of byName.values()) {
    const [first, ...others] = withoutReexports(exported);
    if (first === undefined) continue;
    if (others.length === 0) pipelines.push(first);
    else problems.push(...[first, ...others].map((spec, _, same) => doubleProblem(spec, same, sources)));
  }
  return { pipelines: pipelines.sort((one, other) => (one.name < other.name ? -1 : 1)), problems };
}

/** A pipeline that several files export is one pipeline, and belongs to the file that defines it. */
function withoutReexports(exported: readonly LoadedPipeline[]): readonly PipelineSpec[] {
  const byDefinition = Map.groupBy(exported, ({ spec, definedAt }) =>
    [definedAt.file, definedAt.line, definedAt.column, spec.graphHash].join(":"),
  );
  return [...byDefinition.values()].flatMap((same) => {
    const home = same.find(({ spec, definedAt }) => spec.location.file === definedAt.file) ?? same[0];
    return home === undefined ? [] : [home.spec];
  });
}

function doubleProblem(
  { name, location }: PipelineSpec,
  same: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): ProjectProblem {
  const places = same.map((pipeline) => `${pipeline.location.file}:${pipeline.location.line}`);
  const source = sources.find(({ path }) => path === location.file);
  return {
    severity: "error",
    code: "invalid_definition",
    message: `${same.length} pipelines are called "${name}": ${places.join(", ")}. None of them is loaded.`,
    file: location.file,
    location,
    ...(source === undefined ? {} : { codeFrame: codeFrame(new TextDecoder().decode(source.content), location) }),
    hint: "Give each its own name; a folder in the name keeps them apart, as in finance/daily.",
  };
}
