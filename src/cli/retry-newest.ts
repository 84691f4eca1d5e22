import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { requestKey } from "../engine/new-run.ts";
import type { CompiledProject } from "../execution/project/compile-project.ts";
import { systemRandom, uuidv7 } from "../ports/random.ts";
import type { NewRun, RunRecord } from "../store/store.ts";
import { actorOf } from "./actor.ts";
import type { Answer, Cli } from "./cli.ts";
import { withLocalWorker } from "./embedded-engine.ts";
import { executeRun } from "./execute-run.ts";
import { findPipeline } from "./find-pipeline.ts";
import { readParameters } from "./parameters.ts";
import { runAnswer } from "./run-answer.ts";
import { shortId } from "./run-reference.ts";
import { compile, type Workspace } from "./workspace.ts";

export interface NewestRetry {
  readonly run: RunRecord;
  readonly slots: number | undefined;
  readonly dryRun: boolean;
}

/**
 * Repeats a run with the pipeline as it is now: a new run for the same interval and parameters, which the pipeline of now
 * checks anew. The old run stays as it is; the audit says which one was repeated.
 */
export async function retryNewest(
  cli: Cli,
  workspace: Workspace,
  { run, slots, dryRun }: NewestRetry,
): Promise<Answer> {
  if (run.only !== undefined) {
    throw new BatutaError("conflict", "Only part of the pipeline was run: there is no whole run to repeat.", {
      hint: `Run that task with the pipeline as it is now: batuta run ${run.pipeline} --task NAME.`,
    });
  }
  const compiled = await compile(cli, workspace.project);
  const pipeline = findPipeline(cli, compiled, run.pipeline);
  const raw = readParameters(pipeline.params, { param: [], json: JSON.stringify(run.params) });
  return withLocalWorker(cli, workspace.project, { slots }, async (worker) => {
    const key = {
      versionHash: compiled.hash,
      graphHash: pipeline.graphHash,
      pipelineFile: pipeline.location.file,
      pipeline: pipeline.name,
    };
    const params = pipeline.params === undefined ? {} : await worker.executor.parseParams(key, raw);
    const wanted = repeated(cli, { run, compiled, pipeline, params });
    if (dryRun) return rehearsed(wanted, pipeline);
    const { store, project } = workspace;
    const begin = async () => {
      await store.saveVersion({ hash: compiled.hash, project: project.name, manifest: compiled.manifest });
      const [created] = await store.createRuns([wanted]);
      if (created === undefined) throw new Error(`Run ${wanted.id} was not created.`);
      cli.note(`Run ${shortId(created.id)} of ${created.pipeline} for ${created.ds} repeats run ${shortId(run.id)}.`);
      return { run: created };
    };
    const end = await executeRun(cli, workspace, { runId: wanted.id, pipeline, worker, begin });
    return runAnswer(cli, workspace, wanted.id, end);
  });
}

interface Repeated {
  readonly run: RunRecord;
  readonly compiled: CompiledProject;
  readonly pipeline: PipelineSpec;
  readonly params: NewRun["params"];
}

function repeated(cli: Cli, { run, compiled, pipeline, params }: Repeated): NewRun {
  const { project, interval, timezone, ds, schedule, isPartial } = run;
  return {
    id: uuidv7(cli.clock, systemRandom),
    ...{ project, pipeline: pipeline.name, versionHash: compiled.hash, trigger: "manual" as const },
    ...{ interval, timezone, ds, params },
    ...(schedule === undefined ? {} : { schedule }),
    ...(isPartial === undefined ? {} : { isPartial }),
    requestKey: requestKey({ project, pipeline, date: ds, params, ...named(schedule, pipeline) }),
    repeats: run.id,
    actor: actorOf(cli),
  };
}

/** The first schedule is meant without being named. */
function named(schedule: string | undefined, { schedules = [] }: PipelineSpec): { readonly schedule?: string } {
  return schedule === undefined || schedule === schedules[0]?.name ? {} : { schedule };
}

function rehearsed({ id: _, ...wanted }: NewRun, { tasks }: PipelineSpec): Answer {
  const { pipeline, ds, versionHash, params, repeats } = wanted;
  return {
    data: { dryRun: true, newRun: { pipeline, ds, version: versionHash, params, repeats, tasks: tasks.length } },
    text: () => `A new run of ${pipeline} for ${ds} would begin, of version ${versionHash.slice(0, 12)}.`,
  };
}
