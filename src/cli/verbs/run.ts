import { resolve } from "node:path";
import type { Command } from "commander";
import { instantText } from "../../core/instant.ts";
import type { Json } from "../../core/json.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { newRun, type RunRequest, requestKey } from "../../engine/new-run.ts";
import { findOrphan } from "../../engine/orphans.ts";
import type { CompiledProject } from "../../execution/project/compile-project.ts";
import { localFiles } from "../../ports/files.ts";
import { systemRandom } from "../../ports/random.ts";
import type { NewRun, RunRecord, Store } from "../../store/store.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { type LocalWorker, withLocalWorker } from "../embedded-engine.ts";
import { type Begun, executeRun } from "../execute-run.ts";
import { findLender } from "../find-lender.ts";
import { findPipeline } from "../find-pipeline.ts";
import { hostProcesses } from "../host-processes.ts";
import { findByName } from "../name-reference.ts";
import { collected, wholeNumber } from "../option-values.ts";
import { readParameters } from "../parameters.ts";
import { rehearsedResumption, rehearsedRun } from "../rehearsed-run.ts";
import { runAnswer } from "../run-answer.ts";
import { shortId } from "../run-reference.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { findTask } from "../task-reference.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { lastCursor } from "../watch-run.ts";
import { compile, projectOf, type Workspace, withWorkspace } from "../workspace.ts";

interface RunOptions {
  readonly param?: readonly string[];
  readonly params?: string;
  readonly date?: string;
  readonly interval?: string;
  readonly schedule?: string;
  readonly task?: string;
  readonly dryRun?: boolean;
  readonly new?: boolean;
  readonly slots?: string;
}

export const run: Verb = {
  declare(command) {
    command
      .description("Run a pipeline now and watch it. What was interrupted before is taken up where it stopped.")
      .argument("<pipeline>", "its name, the beginning of it, or its file")
      .option("-p, --param <name=value>", "a parameter; again for each", collected)
      .option("--params <json>", "all parameters as a JSON object, or @file with it")
      .option("--date <date>", "the data interval of this day, such as 2026-01-02 (default: the last complete one)")
      .option("--interval <start/end>", "one data interval, or its start alone, such as 2026-01-02T06:00Z")
      .option("--schedule <name>", "the schedule whose interval it is (default: the pipeline's first)")
      .option("--task <name>", "this task alone, with the inputs that it had in an earlier run")
      .option("--dry-run", "say which run would begin, with its interval, parameters and tasks, and do nothing")
      .option("--new", "begin a new run, even if an equal one was interrupted")
      .option("--slots <count>", "tasks at the same time (default: as many as processors, at least 8)")
      .addHelpText(
        "after",
        "\nExamples:\n  batuta run hello\n  batuta run hello --param currency=USD --date 2026-01-02\n  batuta run pipelines/hello.ts --task report",
      );
  },
  perform: runPipeline,
};

async function runPipeline(cli: Cli, command: Command): Promise<Answer> {
  const [reference = ""] = command.args;
  const options = command.opts<RunOptions>();
  if (options.date !== undefined && options.interval !== undefined) throw dateAndInterval();
  const slots = options.slots === undefined ? undefined : wholeNumber("--slots", options.slots, { min: 1, max: 1_000 });
  const compiled = await compile(cli, projectOfReference(cli, reference));
  const pipeline = findPipeline(cli, compiled, reference);
  const raw = readParameters(pipeline.params, { param: options.param ?? [], ...jsonOption(cli, options.params) });
  return withLocalWorker(cli, compiled.project, { slots }, async (worker) => {
    const key = {
      versionHash: compiled.hash,
      graphHash: pipeline.graphHash,
      pipelineFile: pipeline.location.file,
      pipeline: pipeline.name,
    };
    worker.executor.prewarm(key);
    const params = pipeline.params === undefined ? {} : await worker.executor.parseParams(key, raw);
    return withWorkspace(cli, compiled.project, async (workspace) => {
      const request = await requestOf(cli, workspace, { compiled, pipeline, params, options });
      const requested = { worker, request, compiled, resume: options.new !== true };
      return options.dryRun === true ? rehearse(cli, workspace, requested) : executeRequest(cli, workspace, requested);
    });
  });
}

interface Requested {
  readonly worker: LocalWorker;
  readonly request: RunRequest;
  readonly compiled: CompiledProject;
  /** Take up what was interrupted before. */
  readonly resume: boolean;
}

async function rehearse(cli: Cli, { store }: Workspace, { request, compiled, resume }: Requested): Promise<Answer> {
  const orphan = resume ? await findOrphan(store, hostProcesses(cli.clock), requestKey(request)) : undefined;
  if (orphan !== undefined) return rehearsedResumption(orphan);
  const { hash, project, manifest } = compiled;
  const wanted = newRun(request, cli.clock, systemRandom);
  return rehearsedRun(
    cli,
    await store.rehearseRun({ hash, project: project.name, manifest }, wanted),
    request.pipeline,
  );
}

async function executeRequest(
  cli: Cli,
  workspace: Workspace,
  { worker, request, compiled, resume }: Requested,
): Promise<Answer> {
  const { store } = workspace;
  const orphan = resume ? await findOrphan(store, hostProcesses(cli.clock), requestKey(request)) : undefined;
  const wanted = newRun(request, cli.clock, systemRandom);
  const runId = orphan?.id ?? wanted.id;
  const end = await executeRun(cli, workspace, {
    runId,
    pipeline: orphan === undefined ? request.pipeline : await pipelineOfRun(store, orphan),
    worker,
    begin: () => (orphan === undefined ? create(cli, store, compiled, wanted) : goOn(cli, store, orphan)),
  });
  return runAnswer(cli, workspace, runId, end);
}

/** A path to a file brings its own project along. */
function projectOfReference(cli: Cli, reference: string): ReturnType<typeof projectOf> {
  const path = resolve(cli.workingFolder, reference);
  return localFiles.stat(path)?.kind === "file" ? projectOf(cli, path) : projectOf(cli);
}

/** `--params` is JSON, or names a file with it. */
function jsonOption(cli: Cli, text: string | undefined): { readonly json?: string } {
  if (text === undefined) return {};
  if (!text.startsWith("@")) return { json: text };
  const path = resolve(cli.workingFolder, text.slice(1));
  if (localFiles.stat(path)?.kind !== "file") {
    throw new BatutaError("not_found", `There is no file ${path}.`, { hint: "Write --params @file.json." });
  }
  return { json: localFiles.readText(path) };
}

/** By its name, or the beginning of it that no other has. */
function scheduleNamed({ schedules = [] }: PipelineSpec, text: string): string {
  const names = schedules.map(({ name }) => name);
  return names[findByName("schedule", text, names)] ?? text;
}

function dateAndInterval(): BatutaError {
  return new BatutaError("usage", "Both --date and --interval are given.", {
    hint: "Give --date for the interval of a day, or --interval for one of several.",
  });
}

interface Asked {
  readonly compiled: CompiledProject;
  readonly pipeline: PipelineSpec;
  readonly params: Json;
  readonly options: RunOptions;
}

async function requestOf(cli: Cli, { project, store }: Workspace, asked: Asked): Promise<RunRequest> {
  const { compiled, pipeline, params, options } = asked;
  const request: RunRequest = {
    project: project.name,
    pipeline,
    versionHash: compiled.hash,
    trigger: "manual",
    ...(options.date === undefined ? {} : { date: options.date }),
    ...(options.interval === undefined ? {} : { interval: options.interval }),
    ...(options.schedule === undefined ? {} : { schedule: scheduleNamed(pipeline, options.schedule) }),
    params,
    actor: actorOf(cli),
  };
  if (options.task === undefined) return request;
  const { task } = findTask(pipeline, options.task);
  const { interval } = newRun(request, cli.clock, systemRandom);
  const lender = await findLender(store, { project: project.name, pipeline, task, interval });
  if (lender !== undefined) cli.note(`Inputs come from run ${shortId(lender.id)} of ${lender.ds}.`);
  return { ...request, only: [task], ...(lender === undefined ? {} : { borrowsFrom: lender.id }) };
}

async function create(
  cli: Cli,
  store: Store,
  { hash, project, manifest }: CompiledProject,
  wanted: NewRun,
): Promise<Begun> {
  await store.saveVersion({ hash, project: project.name, manifest });
  const [created] = await store.createRuns([wanted]);
  if (created === undefined) throw new Error(`Run ${wanted.id} was not created.`);
  cli.note(`Run ${shortId(created.id)} of ${created.pipeline} for ${created.ds}.`);
  if (created.interval.end > cli.clock.wall()) {
    cli.warn(`Its interval ends at ${instantText(created.interval.end)}: what comes until then it cannot see.`);
  }
  return { run: created };
}

async function goOn(cli: Cli, store: Store, orphan: RunRecord): Promise<Begun> {
  cli.note(
    `Going on with run ${shortId(orphan.id)}, begun ${formatInstant(orphan.createdAt)} and never finished (--new begins another).`,
  );
  const after = await lastCursor(store, orphan);
  return { run: orphan, ...(after === undefined ? {} : { after }) };
}
