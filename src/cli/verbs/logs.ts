import type { Command } from "commander";
import { BatutaError } from "../../core/problem.ts";
import { localLogs } from "../../execution/logs/log-store.ts";
import { localFiles } from "../../ports/files.ts";
import type { Verb } from "../cli.ts";
import { LogPrinter, type WantedLogs } from "../log-printer.ts";
import { findRunOf } from "../never-run.ts";
import { wholeNumber } from "../option-values.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { findTask } from "../task-reference.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface LogsOptions {
  readonly attempt?: string;
  readonly follow?: boolean;
  readonly tail?: string;
  readonly timestamps?: boolean;
}

export const logs: Verb = {
  declare(command) {
    command
      .description("Print what the tasks of a run have written: stdout, stderr and log lines, in the order of time.")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .argument("[task]", "only this task (its name or the beginning of it)")
      .option("--attempt <number>", "only this attempt of the task")
      .option("-f, --follow", "go on until the run, or the task, has ended")
      .option("--tail <lines>", "only the last lines")
      .option("--timestamps", "begin each line with its time")
      .addHelpText(
        "after",
        "\nExamples:\n  batuta logs latest\n  batuta logs hello report -f\n  batuta logs latest load --attempt 1 --tail 50",
      );
  },
  async perform(cli, command) {
    const wanted = wantedOf(command);
    await withWorkspace(cli, projectOf(cli), async ({ project, state, store }) => {
      const run = await findRunOf(cli, { project, store }, wanted.run);
      const pipeline = await pipelineOfRun(store, run);
      const task = wanted.task === undefined ? undefined : findTask(pipeline, wanted.task);
      const files = localLogs({ folder: state.logs, files: localFiles, clock: cli.clock });
      await new LogPrinter({ cli, store, logs: files, run, pipeline, task, wanted }).print();
    });
    return undefined;
  },
};

function wantedOf(command: Command): WantedLogs & { readonly run: string; readonly task?: string } {
  const [run = "", task] = command.args;
  const { attempt, follow, tail, timestamps } = command.opts<LogsOptions>();
  if (attempt !== undefined && task === undefined) {
    throw new BatutaError("usage", "--attempt needs a task.", {
      hint: "Write batuta logs <run> <task> --attempt <number>.",
    });
  }
  return {
    run,
    follow: follow === true,
    timestamps: timestamps === true,
    ...(task === undefined ? {} : { task }),
    ...(attempt === undefined ? {} : { attempt: wholeNumber("--attempt", attempt, { min: 1, max: 1_000_000 }) }),
    ...(tail === undefined ? {} : { tail: wholeNumber("--tail", tail, { min: 0, max: 1_000_000 }) }),
  };
}
