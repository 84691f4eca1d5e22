import { BatutaError } from "../../core/problem.ts";
import { actionAnswer, noteIdleRuns } from "../action-answer.ts";
import { actorOf } from "../actor.ts";
import type { Verb } from "../cli.ts";
import { didYouMean } from "../did-you-mean.ts";
import { findRunOf } from "../never-run.ts";
import { pipelineOfRun } from "../run-rows.ts";
import { taskSelectors } from "../task-selectors.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

const STATES = ["success", "failed"] as const;

export const mark: Verb = {
  declare(command) {
    command
      .description("Make tasks of a run, or a whole run, a success or failed without running anything.")
      .argument("<state>", "success or failed")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .argument("[tasks...]", "tasks, groups, or items as load[3]; absent = the run itself")
      .option("--dry-run", "say what would be touched, and do nothing")
      .addHelpText(
        "after",
        "\nWhat runs is ended. What a task marked as success had blocked goes on; a task marked as failed opens a dead letter.\nA run that is marked as failed still runs its tear-downs.\n\nExamples:\n  batuta mark success latest load\n  batuta mark failed hello report --dry-run\n  batuta mark success hello",
      );
  },
  async perform(cli, command) {
    const [word = "", reference = "", ...words] = command.args;
    const { dryRun = false } = command.opts<{ readonly dryRun?: boolean }>();
    const as = stateOf(word);
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const run = await findRunOf(cli, { project, store }, reference);
      const tasks = words.length === 0 ? {} : { tasks: taskSelectors(await pipelineOfRun(store, run), words) };
      const result = await store.mark({ run: run.id, as, actor: actorOf(cli), dryRun, ...tasks });
      const answer = actionAnswer(cli, result, { participle: `marked as ${as}`, dryRun, run: run.id });
      if (!dryRun) await noteIdleRuns(cli, store, [run.id]);
      return answer;
    });
  },
};

function stateOf(word: string): (typeof STATES)[number] {
  const state = STATES.find((known) => known === word);
  if (state !== undefined) return state;
  throw new BatutaError("usage", `Nothing can be marked as "${word}".`, {
    hint: `${didYouMean(word, STATES)}Write batuta mark success RUN or batuta mark failed RUN.`,
  });
}
