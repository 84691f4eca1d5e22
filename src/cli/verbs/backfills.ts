import { backfillReport } from "../backfill-report.ts";
import type { Verb } from "../cli.ts";
import { commandText } from "../command-text.ts";
import { wholeNumber } from "../option-values.ts";
import { backfillTable } from "../terminal/backfill-text.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

export const backfills: Verb = {
  declare(command) {
    command
      .description("List backfills, newest first.")
      .argument("[pipeline]", "only those of this pipeline")
      .option("--limit <count>", "at most so many", "20")
      .option("--before <id>", "only older ones, for the next page")
      .addHelpText("after", "\nExamples:\n  batuta backfills\n  batuta backfills daily_sales --json");
  },
  async perform(cli, command) {
    const [pipeline] = command.args;
    const options = command.opts<{ readonly limit: string; readonly before?: string }>();
    const limit = wholeNumber("--limit", options.limit, { min: 1, max: 1_000 });
    const before = options.before === undefined ? {} : { before: wholeNumber("--before", options.before, ID) };
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) => {
      const filter = { project: project.name, limit, ...before, ...(pipeline === undefined ? {} : { pipeline }) };
      const reports = (await store.backfills(filter)).map(backfillReport);
      const last = reports.at(-1);
      if (last === undefined)
        cli.note("There are no backfills. Begin one: batuta backfill PIPELINE --from DATE --to DATE.");
      else if (reports.length === limit) {
        cli.note(`The next page: ${commandText(cli, `backfills --before ${last.id}`)}`);
      }
      return { data: reports, text: () => (reports.length === 0 ? "" : backfillTable(reports, cli.out)) };
    });
  },
};

const ID = { min: 1, max: 2 ** 52 };
