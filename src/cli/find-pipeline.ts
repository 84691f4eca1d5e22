import { join } from "node:path";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { CompiledProject } from "../execution/project/compile-project.ts";
import { type ProjectProblem, problemError } from "../execution/project/problem.ts";
import { localFiles } from "../ports/files.ts";
import type { Cli } from "./cli.ts";
import { findByName } from "./name-reference.ts";

/**
 * The pipeline of a compiled project that a person means: by name, or the only one when a single file was asked for.
 * What is wrong with other files is a warning; when the pipeline is not there, the file that should hold it says why.
 */
export function findPipeline(cli: Cli, compiled: CompiledProject, reference: string): PipelineSpec {
  const { pipelines } = compiled.manifest;
  const asked = compiled.project.onlyFile === undefined ? reference : onlyName(compiled);
  try {
    const found =
      pipelines[
        findByName(
          "pipeline",
          asked,
          pipelines.map(({ name }) => name),
        )
      ];
    if (found === undefined) throw new Error(`Pipeline ${asked} was found and is not there.`);
    for (const problem of compiled.problems) cli.warn(problemLine(problem));
    return found;
  } catch (error) {
    const culprit = compiled.problems.find((problem) => mayHold(compiled, problem, asked));
    throw culprit === undefined ? error : problemError(culprit);
  }
}

/** A problem in one line, as a warning is. */
export function problemLine({ location, file, message }: ProjectProblem): string {
  return location === undefined ? `${file}: ${message}` : `${location.file}:${location.line}: ${message}`;
}

/** A file that was named on the command line holds one pipeline, or the person has to say which. */
function onlyName({ manifest: { pipelines }, problems, project }: CompiledProject): string {
  const [first, ...others] = pipelines;
  if (first !== undefined && others.length === 0) return first.name;
  const error = problems.find(({ severity }) => severity === "error");
  if (error !== undefined) throw problemError(error);
  if (first === undefined) {
    throw new BatutaError("invalid_definition", `${project.onlyFile} exports no pipeline.`, {
      hint: 'Write: export default pipeline("name", ({ task }) => { … }).',
    });
  }
  throw new BatutaError("usage", `${project.onlyFile} exports several pipelines.`, {
    hint: `Name the one to take instead of the file: ${pipelines.map(({ name }) => name).join(", ")}.`,
  });
}

/** Whether the pipeline is probably defined in the file that could not be loaded. */
function mayHold({ project }: CompiledProject, { severity, file }: ProjectProblem, name: string): boolean {
  if (severity !== "error") return false;
  const base = name.split("/").at(-1) ?? name;
  if (file.replace(/^.*\//, "").startsWith(`${base}.`)) return true;
  try {
    const text = localFiles.readText(join(project.dir, file));
    return [`"${name}"`, `'${name}'`, `\`${name}\``].some((quoted) => text.includes(quoted));
  } catch {
    return false;
  }
}
