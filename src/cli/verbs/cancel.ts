import { parseDuration } from "../../core/duration.ts";
import { BatutaError } from "../../core/problem.ts";
import { isRunFinished } from "../../core/state.ts";
import { Reaper } from "../../engine/reaper.ts";
import { sleep } from "../../ports/clock.ts";
import { systemRandom, uuidv7 } from "../../ports/random.ts";
import type { RunId, RunRecord, Store } from "../../store/store.ts";
import { actorOf } from "../actor.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { LEASE_MS } from "../embedded-engine.ts";
import { hostProcesses } from "../host-processes.ts";
import { findRun, shortId } from "../run-reference.ts";
import { runReport } from "../run-report.ts";
import { stateLabel } from "../terminal/state-style.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

const LOOK_MS = 200;

interface CancelOptions {
  /** False after `--no-wait`; commander sets no default for an option that is declared so late. */
  readonly wait?: boolean;
  readonly timeout: string;
}

export const cancel: Verb = {
  declare(command) {
    command
      .description("Stop a run, whichever process executes it, and wait until it has ended.")
      .argument("<run>", 'id, beginning of an id, "latest", or a pipeline: its newest run')
      .option("--no-wait", "do not wait for the end")
      .option("--timeout <duration>", "wait at most so long", "5m")
      .addHelpText("after", "\nExamples:\n  batuta cancel latest\n  batuta cancel hello --no-wait");
  },
  async perform(cli, command) {
    const [reference = ""] = command.args;
    const { wait, timeout } = command.opts<CancelOptions>();
    const timeoutMs = durationOf(timeout);
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const run = await findRun(store, project.name, reference);
      const cancelled = await ask(cli, store, run);
      if (wait === false || isRunFinished(cancelled.state)) return answer(cancelled);
      cli.note(`Run ${shortId(run.id)} is being cancelled: its tasks are asked to end.`);
      return answer(await ended(cli, store, run.id, timeoutMs));
    });
  },
};

function durationOf(text: string): number {
  try {
    return parseDuration(text, "--timeout");
  } catch (error) {
    if (error instanceof BatutaError)
      throw new BatutaError("usage", error.message, { hint: 'Write it like "30s" or "5m".' });
    throw error;
  }
}

async function ask(cli: Cli, store: Store, { id }: RunRecord): Promise<RunRecord> {
  const result = await store.cancelRun(id, actorOf(cli));
  if (result.kind === "done") return result.run;
  if (result.kind === "not_found") throw new BatutaError("not_found", `Run ${id} is not in the database any more.`);
  throw new BatutaError("conflict", result.message, { hint: `See ${commandText(cli, "runs")}.` });
}

/** Waits for the process that executes the run; one that is gone is cleared away here, for nobody else would. */
async function ended(cli: Cli, store: Store, id: RunId, timeoutMs: number): Promise<RunRecord> {
  const { clock } = cli;
  const self = { id: uuidv7(clock, systemRandom), leaseMs: LEASE_MS };
  const reaper = new Reaper(store, self, hostProcesses(clock), clock);
  const giveUpAt = clock.mono() + timeoutMs;
  for (let reapAt = clock.mono(); ; ) {
    if (clock.mono() >= reapAt) {
      reapAt = clock.mono() + (await reaper.poll());
    }
    const run = await store.run(id);
    if (run === undefined) throw new BatutaError("not_found", `Run ${id} is not in the database any more.`);
    if (isRunFinished(run.state)) return run;
    if (clock.mono() >= giveUpAt) {
      throw new BatutaError("wait_timeout", `Run ${shortId(id)} is still being cancelled.`, {
        hint: `It ends when its tasks have ended: ${commandText(cli, `why ${shortId(id)}`)} names them.`,
      });
    }
    await sleep(clock, LOOK_MS);
  }
}

function answer(run: RunRecord): Answer {
  return { data: runReport(run), text: () => `Run ${run.id} of ${run.pipeline}: ${stateLabel(run.state)}.` };
}
