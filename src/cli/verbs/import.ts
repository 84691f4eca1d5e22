import { BatutaError } from "../../core/problem.ts";
import type { Verb } from "../cli.ts";
import { importCrontab } from "../crontab/import-crontab.ts";

export const importJobs: Verb = {
  declare(command) {
    command
      .description(
        "Make pipelines of the jobs of a crontab. What cannot be carried over is listed, and kept as a comment.",
      )
      .argument("<format>", "crontab")
      .argument("<file>", "the crontab; - for standard input")
      .option("--to <folder>", "the project; made if there is none (default: the current folder)")
      .option("--one-file", "all pipelines in one file, instead of a file for each")
      .option("--system", "each line names a user, as in /etc/crontab and /etc/cron.d (known of these by their place)")
      .option("--timezone <zone>", "in which cron reads the times (default: the zone of this machine)")
      .option("--overwrite", "replace files of the same names")
      .addHelpText(
        "after",
        "\nExamples:\n  crontab -l | batuta import crontab - --to my-jobs\n  batuta import crontab /etc/crontab --to my-jobs --one-file",
      );
  },
  async perform(cli, command) {
    const [format = "", file = ""] = command.args;
    if (format === "crontab") return importCrontab(cli, file, command.opts());
    throw new BatutaError("usage", `${format} cannot be imported.`, { hint: "Write: batuta import crontab <file>." });
  },
};
