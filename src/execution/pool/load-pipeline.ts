import type { PipelineDefinition, TaskFunctions } from "../../core/definition.ts";
import type { Failure } from "../../core/failure.ts";
import type { TaskSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { type Files, localFiles } from "../../ports/files.ts";
import { importDefinition } from "../project/definitions.ts";
import { graphHash, relativeSpec } from "../project/graph-hash.ts";
import type { LoadOrder } from "./messages.ts";

/** A pipeline as a task process knows it. */
export interface LoadedPipeline {
  readonly definition: PipelineDefinition;
  readonly tasks: ReadonlyMap<string, LoadedTask>;
}

export interface LoadedTask {
  readonly spec: TaskSpec;
  readonly functions: TaskFunctions;
}

/** Imports the pipeline from its version. Throws what the file throws, or when it builds another graph than was ordered. */
export async function loadPipeline(order: LoadOrder): Promise<LoadedPipeline> {
  const definition = await importDefinition(order.rootDir, order.pipelineFile, order.pipeline);
  const spec = relativeSpec(definition.spec, order.rootDir);
  if (graphHash(spec) !== order.graphHash) throw changedGraph(order);
  const tasks = definition.spec.tasks.map((task): [string, LoadedTask] => [
    task.name,
    { spec: task, functions: definition.functions.get(task.name) ?? {} },
  ]);
  return { definition, tasks: new Map(tasks) };
}

function changedGraph({ pipelineFile, pipeline }: LoadOrder): BatutaError {
  return new BatutaError(
    "conflict",
    `${pipelineFile} now builds another graph of pipeline "${pipeline}" than the one that this run began with.`,
    { hint: "Build it from what stands in the project's files alone: from no clock, environment or random number." },
  );
}

/** Why an attempt cannot start: what `loadPipeline` threw, with file and line. */
export async function loadFailure(thrown: unknown, order: LoadOrder, files: Files = localFiles): Promise<Failure> {
  // Only needed when things go wrong, which keeps the start of a process short.
  const { loadProblem } = await import("../project/load-problem.ts");
  const { rootDir, projectDir, pipelineFile } = order;
  const problem = loadProblem(thrown, { rootDir, projectDir, file: pipelineFile, files, javaScriptFiles: [] });
  const { location, codeFrame, hint } = problem;
  const place = location === undefined ? pipelineFile : `${location.file}:${location.line}`;
  return {
    reason: "cannot_start",
    message: `${place} could not be loaded. ${problem.message}`,
    ...(thrown instanceof Error ? { errorName: thrown.name } : {}),
    ...(codeFrame === undefined ? {} : { stack: codeFrame }),
    ...(location === undefined ? {} : { location }),
    ...(hint === undefined ? {} : { hint }),
  };
}
