import { actorOf } from "../actor.ts";
import type { Answer, Verb } from "../cli.ts";
import { pauseTarget } from "../pause-target.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

export const unpause: Verb = {
  declare(command) {
    command
      .description("Let a paused pipeline go on: runs that wait begin, the oldest first.")
      .argument("<pipeline>", "its name or the beginning of it")
      .option("--dry-run", "say what would happen, and do nothing")
      .addHelpText("after", "\nExamples:\n  batuta unpause daily_sales");
  },
  async perform(cli, command) {
    const [reference = ""] = command.args;
    const { dryRun = false } = command.opts<{ readonly dryRun?: boolean }>();
    return withWorkspace(cli, projectOf(cli), async (workspace) => {
      const { pipeline, paused } = await pauseTarget(cli, workspace, reference);
      if (paused === undefined) return answer(pipeline, false, "is not paused.");
      if (dryRun) return answer(pipeline, false, "would be resumed.");
      const { store, project } = workspace;
      const changed = await store.resumePipeline({ project: project.name, pipeline, actor: actorOf(cli) });
      return answer(pipeline, changed, changed ? "goes on." : "is not paused.");
    });
  },
};

function answer(pipeline: string, changed: boolean, text: string): Answer {
  return { data: { pipeline, paused: false, changed }, text: () => `${pipeline} ${text}` };
}
