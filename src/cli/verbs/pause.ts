import type { PausedPipeline } from "../../store/limit-records.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Verb } from "../cli.ts";
import { pauseTarget } from "../pause-target.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface PauseOptions {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

export const pause: Verb = {
  declare(command) {
    command
      .description("Let nothing of a pipeline start: no run begins, no task is claimed. What runs goes on.")
      .argument("<pipeline>", "its name or the beginning of it")
      .option("--reason <text>", "why, for whoever asks what it waits for")
      .option("--dry-run", "say what would happen, and do nothing")
      .addHelpText(
        "after",
        '\nExamples:\n  batuta pause daily_sales --reason "the warehouse moves"\n  batuta unpause daily_sales',
      );
  },
  async perform(cli, command) {
    const [reference = ""] = command.args;
    const { reason, dryRun = false } = command.opts<PauseOptions>();
    return withWorkspace(cli, projectOf(cli), async (workspace) => {
      const { pipeline, paused } = await pauseTarget(cli, workspace, reference);
      if (paused !== undefined) return answer(pipeline, paused, false);
      const { store, project } = workspace;
      const actor = actorOf(cli);
      const request = { project: project.name, pipeline, actor, ...(reason === undefined ? {} : { reason }) };
      if (dryRun) return wouldPause(pipeline);
      const changed = await store.pausePipeline(request);
      const now = (await store.pausedPipelines(project.name)).find((entry) => entry.pipeline === pipeline);
      return answer(pipeline, now, changed);
    });
  },
};

function wouldPause(pipeline: string): Answer {
  return {
    data: { pipeline, paused: false, changed: false, dryRun: true },
    text: () => `${pipeline} would be paused.`,
  };
}

function answer(pipeline: string, paused: PausedPipeline | undefined, changed: boolean): Answer {
  return {
    data: { pipeline, paused: paused !== undefined, changed, ...facts(paused) },
    text: () => {
      if (changed) return `${pipeline} is paused: nothing of it starts until \`batuta unpause ${pipeline}\`.`;
      const why = paused?.reason === undefined ? "" : ` (${paused.reason})`;
      const since = paused === undefined ? "" : ` since ${formatInstant(paused.pausedAt)}, by ${paused.pausedBy}${why}`;
      return `${pipeline} is paused already${since}.`;
    },
  };
}

function facts(paused: PausedPipeline | undefined) {
  if (paused === undefined) return {};
  const { pausedAt, pausedBy, reason } = paused;
  return { pausedAt: new Date(pausedAt).toISOString(), pausedBy, ...(reason === undefined ? {} : { reason }) };
}
