import { resolve } from "node:path";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { shownTaskRuns } from "../../core/shown-task-runs.ts";
import type { TaskRunState } from "../../core/state.ts";
import { stateOfMany } from "../../core/state-of-many.ts";
import { localFiles } from "../../ports/files.ts";
import type { TaskRunRecord } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { findPipeline } from "../find-pipeline.ts";
import { missReports } from "../late-runs.ts";
import { findRunOf } from "../never-run.ts";
import { runReport } from "../run-report.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { missLines } from "../terminal/miss-text.ts";
import { pipelinePicture } from "../terminal/pipeline-picture.ts";
import { runTitle } from "../terminal/run-title.ts";
import { compile, projectOf, withWorkspace } from "../workspace.ts";

interface ShowOptions {
  readonly run?: string;
}

export const show: Verb = {
  declare(command) {
    command
      .description("Draw the graph of a pipeline, with what its file says of each task.")
      .argument("[pipeline]", "its name, the beginning of it, or its file (default: the only one there is)")
      .option("--run <run>", "the graph of this run, as it was then, with the states of its tasks")
      .addHelpText("after", "\nExamples:\n  batuta show hello\n  batuta show --run latest");
  },
  async perform(cli, command) {
    const [reference] = command.args;
    const { run } = command.opts<ShowOptions>();
    if (run !== undefined) return showRun(cli, run);
    return showPipeline(cli, await pipelineNow(cli, reference));
  },
};

async function pipelineNow(cli: Cli, reference: string | undefined): Promise<PipelineSpec> {
  const isFile = reference !== undefined && localFiles.stat(resolve(cli.workingFolder, reference))?.kind === "file";
  const project = isFile ? projectOf(cli, reference) : projectOf(cli);
  const compiled = await compile(cli, project);
  if (reference !== undefined) return findPipeline(cli, compiled, reference);
  const { pipelines } = compiled.manifest;
  const [only] = pipelines;
  if (only !== undefined && pipelines.length === 1) return findPipeline(cli, compiled, only.name);
  throw new BatutaError("usage", "Which pipeline?", {
    hint: `Name one: ${pipelines.map(({ name }) => name).join(", ") || "there are none yet"}.`,
  });
}

function showPipeline(cli: Cli, pipeline: PipelineSpec): Answer {
  return { data: pipeline, text: () => pipelinePicture(pipeline, cli.out) };
}

async function showRun(cli: Cli, reference: string): Promise<Answer> {
  return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
    const run = await findRunOf(cli, { project, store }, reference);
    const pipeline = await pipelineOfRun(store, run);
    const states = statesOf(pipeline, await store.taskRuns(run.id));
    const misses = await store.missedDeadlines([run.id]);
    const title = (): string => [runTitle(run, cli.out), ...missLines(misses, cli.out)].join("\n");
    const text = (): string => `${title()}\n\n${pipelinePicture(pipeline, cli.out, states)}`;
    return { data: runData({ ...runReport(run), ...missReports(misses) }, pipeline, states), text };
  });
}

/** Of a mapped task one state for all of its task runs. */
function statesOf(pipeline: PipelineSpec, rows: readonly TaskRunRecord[]): ReadonlyMap<number, TaskRunState> {
  const ofTask = Map.groupBy(shownTaskRuns(pipeline, rows), ({ taskIndex }) => taskIndex);
  const together = (of: readonly TaskRunRecord[]): TaskRunState =>
    stateOfMany((candidate) => of.some(({ state }) => state === candidate));
  return new Map([...ofTask].map(([index, of]) => [index, together(of)]));
}

function runData(run: object, pipeline: PipelineSpec, states: ReadonlyMap<number, TaskRunState>): object {
  const tasks = pipeline.tasks.map((task, index) => ({ ...task, state: states.get(index) }));
  return { ...pipeline, tasks, run };
}
