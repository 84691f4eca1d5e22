import { iso } from "../../core/instant.ts";
import type { AssetDeadlineRecord } from "../../store/asset-store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { shortId } from "../run-reference.ts";
import { formatInstant } from "../terminal/instant-text.ts";
import { type Column, renderTable } from "../terminal/table.ts";
import { projectOf, withWorkspace } from "../workspace.ts";

export const assets: Verb = {
  declare(command) {
    command
      .description("List the assets that must be made by a time of day, with when they were made last.")
      .addHelpText(
        "after",
        "\nDeadlines of assets are those of the deployed version.\n\nExamples:\n  batuta assets\n  batuta assets --json",
      );
  },
  async perform(cli) {
    return withWorkspace(cli, projectOf(cli), async ({ project, store }) =>
      answer(cli, await store.assetDeadlines(project.name)),
    );
  },
};

function answer(cli: Cli, found: readonly AssetDeadlineRecord[]): Answer {
  if (found.length === 0) cli.note("No asset of the deployed version has a deadline.");
  return {
    data: found.map(report),
    text: () =>
      found.length === 0
        ? ""
        : renderTable(
            COLUMNS,
            found.map((one) => row(cli, one)),
            cli.out,
          ),
  };
}

function report({ asset, deadline, nextAt, madeAt, madeBy, lateSince }: AssetDeadlineRecord): object {
  return {
    ...{ asset, deadline, nextAt: iso(nextAt), late: lateSince !== undefined },
    ...(lateSince === undefined ? {} : { lateSince: iso(lateSince) }),
    ...(madeAt === undefined ? {} : { madeAt: iso(madeAt) }),
    ...(madeBy === undefined ? {} : { madeBy }),
  };
}

const COLUMNS: readonly Column[] = [
  { title: "ASSET", whenNarrow: "shrinks" },
  { title: "DEADLINE" },
  { title: "MADE" },
  { title: "BY" },
  { title: "NOTE", whenNarrow: "shrinks" },
];

function row(
  { out }: Cli,
  { asset, deadline, nextAt, madeAt, madeBy, lateSince }: AssetDeadlineRecord,
): readonly string[] {
  const note =
    lateSince === undefined
      ? `next ${formatInstant(nextAt)}`
      : out.colors.yellow(`! late since ${formatInstant(lateSince)}`);
  const made = madeAt === undefined ? "never" : formatInstant(madeAt);
  return [asset, deadline, made, madeBy === undefined ? "" : `run ${shortId(madeBy)}`, note];
}
