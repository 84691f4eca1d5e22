import { actionAnswer, noteIdleRuns } from "../action-answer.ts";
import { actorOf } from "../actor.ts";
import type { Verb } from "../cli.ts";
import { findRunOf } from "../never-run.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { taskSelectors } from "../task-selectors.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface ClearOptions {
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly past?: boolean;
  readonly future?: boolean;
  readonly onlyFailed?: boolean;
  readonly dryRun?: boolean;
}

export const clear: Verb = {
  declare(command) {
    command
      .description("Let finished tasks of a run run again, with a fresh retry budget.")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .argument("[tasks...]", "tasks, groups, or items as load[3]; absent = all of the run")
      .option("--upstream", "with everything they hang on")
      .option("--downstream", "with everything that hangs on them")
      .option("--past", "the same in the newest run of every earlier interval")
      .option("--future", "the same in the newest run of every later interval")
      .option("--only-failed", "of these only what failed, was blocked or was cancelled")
      .option("--dry-run", "say what would be touched, and do nothing")
      .addHelpText(
        "after",
        "\nSet-ups and tear-downs go along with their work. What waits behind a cleared task waits for it anew; what has\nrun behind it stays as it is, unless --downstream is given.\n\nExamples:\n  batuta clear latest load --downstream --dry-run\n  batuta clear hello --only-failed\n  batuta clear hello load[3]\n  batuta clear hello report --past",
      );
  },
  async perform(cli, command) {
    const [reference = "", ...words] = command.args;
    const { dryRun = false, ...reach } = command.opts<ClearOptions>();
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const run = await findRunOf(cli, { project, store }, reference);
      const tasks = words.length === 0 ? [] : taskSelectors(await pipelineOfRun(store, run), words);
      const result = await store.clear({ run: run.id, tasks, actor: actorOf(cli), dryRun, ...reach });
      const answer = actionAnswer(cli, result, { participle: "cleared", dryRun, run: run.id });
      if (!dryRun && result.kind === "done") {
        await noteIdleRuns(
          cli,
          store,
          result.taskRuns.map(({ runId }) => runId),
        );
      }
      return answer;
    });
  },
};
