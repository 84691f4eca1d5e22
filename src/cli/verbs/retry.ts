import { BatutaError } from "../../core/problem.ts";
import { isRunFinished } from "../../core/state.ts";
import { findExecutor } from "../../engine/orphans.ts";
import type { RunRecord, Store } from "../../store/store.ts";
import { actionAnswer } from "../action-answer.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { withLocalWorker } from "../embedded-engine.ts";
import { type Begun, executeRun } from "../execute-run.ts";
import { hostProcesses } from "../host-processes.ts";
import { findRunOf } from "../never-run.ts";
import { wholeNumber } from "../option-values.ts";
import { retryNewest } from "../retry-newest.ts";
import { runAnswer } from "../run-answer.ts";
import { shortId } from "../run-reference.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { counted } from "../terminal/counted.ts";
import { lastCursor } from "../watch-run.ts";
import { projectOf, type Workspace, withWorkspace } from "../workspace.ts";

interface RetryOptions {
  readonly fromFailure?: boolean;
  readonly newest?: boolean;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly slots?: string;
}

export const retry: Verb = {
  declare(command) {
    command
      .description("Run a finished run again, with the pipeline as it was when the run began.")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .option("--from-failure", "only what failed, and what hangs on it; the rest keeps its results")
      .option("--newest", "with the pipeline as it is now: a new run for the same interval and parameters")
      .option("--resume", "go on with what is open in a run that no process executes, and clear nothing")
      .option("--dry-run", "say what would be touched, and do nothing")
      .option("--slots <count>", "tasks at the same time (default: as many as processors, at least 8)")
      .addHelpText(
        "after",
        "\n--newest leaves the old run as it is and notes in the audit which one it repeats: task runs of two versions of a\npipeline are never mixed in one run.\n\nExamples:\n  batuta retry latest --from-failure\n  batuta retry hello\n  batuta retry hello --newest\n  batuta retry hello --from-failure --dry-run",
      );
  },
  async perform(cli, command) {
    const [reference = ""] = command.args;
    const options = command.opts<RetryOptions>();
    const { slots } = options;
    if ([options.fromFailure, options.newest, options.resume].filter(Boolean).length > 1) {
      throw new BatutaError("usage", "--from-failure, --newest and --resume exclude each other.", {
        hint: "A new version runs from its beginning; --resume clears nothing.",
      });
    }
    const count = slots === undefined ? undefined : wholeNumber("--slots", slots, { min: 1, max: 1_000 });
    const project = projectOf(cli);
    return withWorkspace(cli, project, async (workspace) => {
      const run = await findRunOf(cli, workspace, reference);
      if (options.newest === true)
        return retryNewest(cli, workspace, { run, slots: count, dryRun: options.dryRun === true });
      if (options.dryRun === true) return rehearse(cli, workspace.store, run, options);
      return execute(cli, workspace, { run, count, options });
    });
  },
};

async function rehearse(cli: Cli, store: Store, run: RunRecord, { fromFailure }: RetryOptions): Promise<Answer> {
  const which = fromFailure === true ? "failed" : "all";
  const result = await store.retry({ run: run.id, which, actor: actorOf(cli), dryRun: true });
  return actionAnswer(cli, result, { participle: "run again", dryRun: true, run: run.id });
}

async function execute(
  cli: Cli,
  workspace: Workspace,
  {
    run,
    count,
    options,
  }: { readonly run: RunRecord; readonly count: number | undefined; readonly options: RetryOptions },
): Promise<Answer> {
  const { store, project } = workspace;
  const pipeline = await pipelineOfRun(store, run);
  return withLocalWorker(cli, project, { slots: count }, async (worker) => {
    const { fromFailure, resume } = options;
    const begin = (): Promise<Begun> =>
      resume === true ? goOn(store, run) : clear(cli, store, run, fromFailure === true ? "failed" : "all");
    if (resume === true) await refuseToResume(cli, store, run);
    const end = await executeRun(cli, workspace, { runId: run.id, pipeline, worker, begin });
    return runAnswer(cli, workspace, run.id, end);
  });
}

async function refuseToResume(cli: Cli, store: Store, run: RunRecord): Promise<void> {
  const hint = `See ${commandText(cli, `why ${shortId(run.id)}`)}.`;
  if (isRunFinished(run.state)) {
    throw new BatutaError("conflict", `Nothing is open in this run: it has ended as ${run.state}.`, { hint });
  }
  if ((await findExecutor(store, hostProcesses(cli.clock), run)) === undefined) return;
  throw new BatutaError("conflict", "Another process executes this run already.", { hint });
}

async function goOn(store: Store, run: RunRecord): Promise<Begun> {
  const after = await lastCursor(store, run);
  return { run, ...(after === undefined ? {} : { after }) };
}

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
