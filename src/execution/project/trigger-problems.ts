import { closestName } from "../../core/closest-name.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { triggerCycles } from "../../core/trigger/trigger-cycle.ts";
import type { TriggerSpec } from "../../core/trigger/trigger-spec.ts";
import { codeFrame } from "./code-frame.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { ProjectProblem } from "./problem.ts";

/** Triggers that wait for a pipeline which the project does not have, and circles of them. */
export function triggerProblems(
  pipelines: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  return [...unknownPipelines(pipelines, sources), ...circles(pipelines, sources)];
}

function unknownPipelines(
  pipelines: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  const names = pipelines.map(({ name }) => name);
  return pipelines.flatMap((pipeline) =>
    (pipeline.triggers ?? []).flatMap((trigger) => {
      const { source } = trigger;
      if (source.kind !== "pipeline" || names.includes(source.pipeline)) return [];
      const meant = closestName(source.pipeline, names);
      const message = `Pipeline "${pipeline.name}" waits for runs of "${source.pipeline}", which the project does not have.`;
      const hint = meant === undefined ? `Its pipelines: ${names.join(", ")}.` : `Did you mean "${meant}"?`;
      return [problem({ pipeline, trigger, message, hint }, sources)];
    }),
  );
}

function circles(pipelines: readonly PipelineSpec[], sources: readonly SourceFile[]): readonly ProjectProblem[] {
  return triggerCycles(pipelines).flatMap((path) => {
    const [name, ...rest] = path;
    const before = rest.length > 1 ? rest.at(-2) : name;
    const pipeline = pipelines.find((each) => each.name === name);
    const trigger = pipeline?.triggers?.find(({ source }) => source.kind === "pipeline" && source.pipeline === before);
    if (pipeline === undefined || trigger === undefined) return [];
    const message = `Pipelines start each other in a circle, without end: ${path.join(" → ")}.`;
    const hint = "Take one onPipeline(…) of the circle away.";
    return [problem({ pipeline, trigger, message, hint }, sources)];
  });
}

interface Fault {
  readonly pipeline: PipelineSpec;
  readonly trigger: TriggerSpec;
  readonly message: string;
  readonly hint: string;
}

function problem({ pipeline, trigger, message, hint }: Fault, sources: readonly SourceFile[]): ProjectProblem {
  const { location } = trigger;
  const source = sources.find(({ path }) => path === location.file);
  return {
    severity: "error",
    code: "invalid_definition",
    message,
    file: pipeline.location.file,
    location,
    ...(source === undefined ? {} : { codeFrame: codeFrame(new TextDecoder().decode(source.content), location) }),
    hint,
  };
}
