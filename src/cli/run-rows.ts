import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { RunRecord, Store } from "../store/store.ts";
import type { RunRows } from "./run-report.ts";

/** The pipeline as it was compiled when the run began. */
export async function pipelineOfRun(store: Pick<Store, "version">, run: RunRecord): Promise<PipelineSpec> {
  const version = await store.version(run.versionHash);
  const pipeline = version?.manifest.pipelines.find(({ name }) => name === run.pipeline);
  if (pipeline !== undefined) return pipeline;
  throw new BatutaError(
    "not_found",
    `The version of ${run.pipeline} that run ${run.id} began with is not in the database.`,
    {
      hint: "Start a new run: it uses the pipeline as it is now.",
    },
  );
}

/** Everything the database knows of a run, read anew. */
export async function readRunRows(
  store: Pick<Store, "run" | "version" | "taskRuns" | "attempts">,
  id: string,
): Promise<RunRows> {
  const run = await store.run(id);
  if (run === undefined) throw new BatutaError("not_found", `Run ${id} is not in the database.`);
  return {
    run,
    pipeline: await pipelineOfRun(store, run),
    taskRuns: await store.taskRuns(id),
    attempts: await store.attempts(id),
  };
}
