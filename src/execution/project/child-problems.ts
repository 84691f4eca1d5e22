import { closestName } from "../../core/closest-name.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { codeFrame } from "./code-frame.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { ProjectProblem } from "./problem.ts";

/** Tasks that start a pipeline which the project does not have. Files are loaded apart, so only all of them can tell. */
export function childProblems(
  pipelines: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  const names = pipelines.map(({ name }) => name);
  return pipelines.flatMap(({ tasks, location: { file } }) =>
    tasks.flatMap(({ name, execution, location }): readonly ProjectProblem[] => {
      if (execution.via !== "pipeline" || names.includes(execution.pipeline)) return [];
      const meant = closestName(execution.pipeline, names);
      const source = sources.find(({ path }) => path === location.file);
      return [
        {
          severity: "error",
          code: "invalid_definition",
          message: `Task "${name}" starts pipeline "${execution.pipeline}", which the project does not have.`,
          file,
          location,
          ...(source === undefined ? {} : { codeFrame: codeFrame(new TextDecoder().decode(source.content), location) }),
          hint: meant === undefined ? `Its pipelines: ${names.join(", ")}.` : `Did you mean "${meant}"?`,
        },
      ];
    }),
  );
}
