import type { PausedPipeline } from "../store/limit-records.ts";
import type { Cli } from "./cli.ts";
import { findPipeline } from "./find-pipeline.ts";
import { compile, type Workspace } from "./workspace.ts";

export interface PauseTarget {
  readonly pipeline: string;
  /** Absent = it is not paused. */
  readonly paused?: PausedPipeline;
}

/** The pipeline to pause or resume. One that has runs need not load: a broken one above all may have to be paused. */
export async function pauseTarget(
  cli: Cli,
  { store, project }: Pick<Workspace, "store" | "project">,
  reference: string,
): Promise<PauseTarget> {
  const paused = await store.pausedPipelines(project.name);
  const isKnown =
    paused.some((entry) => entry.pipeline === reference) ||
    (await store.runs({ project: project.name, pipeline: reference, limit: 1 })).length > 0;
  const pipeline = isKnown ? reference : findPipeline(cli, await compile(cli, project), reference).name;
  const found = paused.find((entry) => entry.pipeline === pipeline);
  return { pipeline, ...(found === undefined ? {} : { paused: found }) };
}
