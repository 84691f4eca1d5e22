import { BatutaError } from "../../core/problem.ts";
import { sleep, within } from "../../ports/clock.ts";
import type { Cli, Verb } from "../cli.ts";
import { devJson } from "../dev/dev-json.ts";
import type { DevReport } from "../dev/dev-report.ts";
import { DevServer } from "../dev/dev-server.ts";
import { devText } from "../dev/dev-text.ts";
import { killProcesses, type LocalWorker, withLocalWorker } from "../embedded-engine.ts";
import { listenForInterrupts } from "../interrupts.ts";
import { wholeNumber } from "../option-values.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

interface DevOptions {
  readonly slots?: string;
}

/** What runs is asked to end, and the rest is told to the database. */
const STOP_MS_MAX = 15_000;
const FORCED_END_MS = 3_000;

export const dev: Verb = {
  declare(command) {
    command
      .description("Run the schedules of the project, and load its files again whenever they change, until Ctrl-C.")
      .option("--slots <count>", "tasks at the same time (default: as many as processors, at least 8)")
      .addHelpText(
        "after",
        "\nA file that is broken keeps its pipelines as they were when it was good last. batuta run works beside it.\nUnder --json each line is an object.\n\nExamples:\n  batuta dev\n  batuta dev --json | jq -c 'select(.kind == \"run\")'",
      );
  },
  async perform(cli, command) {
    const { slots } = command.opts<DevOptions>();
    const count = slots === undefined ? undefined : wholeNumber("--slots", slots, { min: 1, max: 1_000 });
    const project = projectOf(cli);
    if (project.onlyFile !== undefined) {
      throw new BatutaError("usage", `batuta dev runs a project, and ${project.onlyFile} is one file of it.`, {
        hint: "Name the folder: batuta dev --project <folder>.",
      });
    }
    await withWorkspace(cli, project, async (workspace) => {
      let server: DevServer | undefined;
      const settings = () => (server ?? project).settings;
      await withLocalWorker(cli, project, { slots: count, settings }, async (worker) => {
        server = new DevServer(cli, workspace, worker, (report) => tell(cli, report));
        await serve(cli, server, worker);
      });
    });
    return undefined;
  },
};

async function serve(cli: Cli, server: DevServer, worker: LocalWorker): Promise<void> {
  const asked = Promise.withResolvers<void>();
  const forced = Promise.withResolvers<never>();
  const listening = listenForInterrupts(cli.clock, {
    first: () => {
      tell(cli, { kind: "stopping", at: cli.clock.wall() });
      asked.resolve();
    },
    again: () => {
      tell(cli, { kind: "killing", at: cli.clock.wall() });
      void Promise.all([killProcesses(cli, worker), sleep(cli.clock, FORCED_END_MS)]).then(() =>
        forced.reject(killed()),
      );
    },
  });
  try {
    await Promise.race([server.start(), asked.promise]);
    await Promise.race([asked.promise, server.lost]);
  } finally {
    await within(cli.clock, STOP_MS_MAX, Promise.race([server.stop(), forced.promise]));
    listening.stop();
  }
  tell(cli, { kind: "stopped", at: cli.clock.wall() });
}

function killed(): BatutaError {
  return new BatutaError("interrupted", "What still ran was killed.", {
    hint: "It begins again at the next start of batuta dev.",
  });
}

function tell({ globals, out }: Cli, report: DevReport): void {
  out.write(`${globals.json ? devJson(report) : devText(report, out)}\n`);
}
