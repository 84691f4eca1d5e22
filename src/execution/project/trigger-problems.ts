import { normalize } from "node:path";
import { closestName } from "../../core/closest-name.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { triggerCycles } from "../../core/trigger/trigger-cycle.ts";
import type { TriggerSpec } from "../../core/trigger/trigger-spec.ts";
import { codeFrame } from "./code-frame.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { ProjectProblem } from "./problem.ts";

/** Triggers that wait for a pipeline which the project does not have, circles of them, and files that are sources too. */
export function triggerProblems(
  pipelines: readonly PipelineSpec[],
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  return [...unknownPipelines(pipelines, sources), ...circles(pipelines, sources), ...ownSources(pipelines, sources)];
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

/** A file that comes and is a source makes a new version, though it is data. */
function ownSources(pipelines: readonly PipelineSpec[], sources: readonly SourceFile[]): readonly ProjectProblem[] {
  return pipelines.flatMap((pipeline) =>
    (pipeline.triggers ?? []).flatMap((trigger) => {
      if (trigger.source.kind !== "file") return [];
      const { glob } = trigger.source;
      const folder = folderOf(glob);
      const ending = ENDING.exec(glob)?.[0] ?? "";
      const isWaitedFor = ({ path }: SourceFile) => path.startsWith(`${folder}/`) && path.endsWith(ending);
      if (folder === "" || !sources.some(isWaitedFor)) return [];
      const message = `Pipeline "${pipeline.name}" waits for files ${glob}, and such files are sources: each that comes makes a new version.`;
      const hint = `Keep the folder out of the sources, in batuta.json: "exclude": ["${folder}"].`;
      return [problem({ severity: "warning", pipeline, trigger, message, hint }, sources)];
    }),
  );
}

/** The folder of the project that the pattern begins with; empty for the project itself. */
function folderOf(glob: string): string {
  const names = normalize(glob).split("/");
  const magic = names.findIndex((name) => /[*?{[]/.test(name));
  return names.slice(0, magic < 0 ? -1 : magic).join("/");
}

const ENDING = /\.\w+$/;

interface Fault {
  readonly severity?: "warning";
  readonly pipeline: PipelineSpec;
  readonly trigger: TriggerSpec;
  readonly message: string;
  readonly hint: string;
}

function problem(
  { severity: given, pipeline, trigger, message, hint }: Fault,
  sources: readonly SourceFile[],
): ProjectProblem {
  const { location } = trigger;
  const source = sources.find(({ path }) => path === location.file);
  return {
    severity: given ?? "error",
    code: "invalid_definition",
    message,
    file: pipeline.location.file,
    location,
    ...(source === undefined ? {} : { codeFrame: codeFrame(new TextDecoder().decode(source.content), location) }),
    hint,
  };
}
