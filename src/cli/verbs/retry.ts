import { BatutaError } from "../../core/problem.ts";
import type { RunRecord, Store } from "../../store/store.ts";
import { actorOf } from "../actor.ts";
import type { Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { withLocalWorker } from "../embedded-engine.ts";
import { type Begun, executeRun } from "../execute-run.ts";
import { wholeNumber } from "../option-values.ts";
import { runAnswer } from "../run-answer.ts";
import { findRun, shortId } from "../run-reference.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { counted } from "../terminal/counted.ts";
import { lastCursor } from "../watch-run.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface RetryOptions {
  readonly fromFailure?: boolean;
  readonly slots?: string;
}

export const retry: Verb = {
  declare(command) {
    command
      .description("Run a finished run again, with the pipeline as it was when the run began.")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .option("--from-failure", "only what failed, and what hangs on it; the rest keeps its results")
      .option("--slots <count>", "tasks at the same time (default: as many as processors, at least 8)")
      .addHelpText(
        "after",
        "\nExamples:\n  batuta retry latest --from-failure\n  batuta retry hello\n\nTo run with the pipeline as it is now, start a new run: batuta run <pipeline>.",
      );
  },
  async perform(cli, command) {
    const [reference = ""] = command.args;
    const { fromFailure, slots } = command.opts<RetryOptions>();
    const count = slots === undefined ? undefined : wholeNumber("--slots", slots, { min: 1, max: 1_000 });
    const project = projectOf(cli);
    return withWorkspace(cli, project, async (workspace) => {
      const { store } = workspace;
      const run = await findRun(store, project.name, reference);
      const pipeline = await pipelineOfRun(store, run);
      return withLocalWorker(cli, project, count, async (worker) => {
        const begin = (): Promise<Begun> => clear(cli, store, run, fromFailure === true ? "failed" : "all");
        const end = await executeRun(cli, workspace, { runId: run.id, pipeline, worker, begin });
        return runAnswer(cli, workspace, run.id, end);
      });
    });
  },
};

async function clear(cli: Cli, store: Store, run: RunRecord, which: "all" | "failed"): Promise<Begun> {
  const after = await lastCursor(store, run);
  const result = await store.rerun(run.id, which, actorOf(cli));
  if (result.kind === "not_found") throw new BatutaError("not_found", `Run ${run.id} is not in the database any more.`);
  if (result.kind === "refused") {
    throw new BatutaError("conflict", result.message, {
      hint: `See ${commandText(cli, `why ${shortId(run.id)}`)}.`,
    });
  }
  cli.note(`Running ${counted(result.taskRuns, "task")} of run ${shortId(run.id)} again.`);
  return { run: result.run, ...(after === undefined ? {} : { after }) };
}
