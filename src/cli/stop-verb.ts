import { parseDuration } from "../core/duration.ts";
import { BatutaError } from "../core/problem.ts";
import { isRunFinished } from "../core/state.ts";
import { actionAnswer } from "./action-answer.ts";
import { actorOf } from "./actor.ts";
import { awaitEnd } from "./await-end.ts";
import type { Answer, Verb } from "./cli.ts";
import { findRunOf } from "./never-run.ts";
import { shortId } from "./run-reference.ts";
import { runReport } from "./run-report.ts";
import { pipelineOfRun } from "./run-rows.ts";
import { taskSelectors } from "./task-selectors.ts";
import { stateLabel } from "./terminal/state-style.ts";
import { projectOf, withWorkspace } from "./workspace.ts";

interface StopOptions {
  /** False after `--no-wait`; commander sets no default for an option that is declared so late. */
  readonly wait?: boolean;
  readonly timeout: string;
  readonly dryRun?: boolean;
}

export interface StopWords {
  readonly how: "cancel" | "kill";
  readonly description: string;
  readonly examples: string;
}

/** The verbs that end a run or task runs of it; they differ in how patient they are. */
export function stopVerb({ how, description, examples }: StopWords): Verb {
  return {
    declare(command) {
      command
        .description(description)
        .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
        .argument("[tasks...]", "tasks, groups, or items as load[3]; absent = the whole run")
        .option("--no-wait", "do not wait for the end")
        .option("--timeout <duration>", "wait at most so long", "5m")
        .option("--dry-run", "say what would be touched, and do nothing")
        .addHelpText("after", `\n${examples}`);
    },
    async perform(cli, command) {
      const [reference = "", ...words] = command.args;
      const { wait, timeout, dryRun = false } = command.opts<StopOptions>();
      const timeoutMs = durationOf(timeout);
      return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
        const run = await findRunOf(cli, { project, store }, reference);
        const tasks = words.length === 0 ? {} : { tasks: taskSelectors(await pipelineOfRun(store, run), words) };
        const result = await store.stop({ run: run.id, how, actor: actorOf(cli), dryRun, ...tasks });
        const touched = actionAnswer(cli, result, { participle: "stopped", dryRun, run: run.id });
        if (dryRun || words.length > 0) return touched;
        const now = (await store.run(run.id)) ?? run;
        if (wait === false || isRunFinished(now.state)) return ended(now);
        cli.note(
          `Run ${shortId(run.id)} is being ${how === "kill" ? "killed" : "cancelled: its tasks are asked to end"}.`,
        );
        return ended(await awaitEnd(cli, store, run.id, timeoutMs));
      });
    },
  };
}

function durationOf(text: string): number {
  try {
    return parseDuration(text, "--timeout");
  } catch (error) {
    if (error instanceof BatutaError)
      throw new BatutaError("usage", error.message, { hint: 'Write it like "30s" or "5m".' });
    throw error;
  }
}

function ended(run: Parameters<typeof runReport>[0]): Answer {
  return { data: runReport(run), text: () => `Run ${run.id} of ${run.pipeline}: ${stateLabel(run.state)}.` };
}
