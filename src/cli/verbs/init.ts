import { join, resolve } from "node:path";
import type { Command } from "commander";
import { BatutaError } from "../../core/problem.ts";
import { localFiles } from "../../ports/files.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { commandText, shellWord } from "../command-text.ts";
import { linkPackages, starterDependencies } from "../starter-packages.ts";
import { projectName, starterFiles } from "../starter-project.ts";

export const init: Verb = {
  declare(command) {
    command
      .description("Make a project that runs at once: a pipeline, its test and what they need. Only ever adds files.")
      .argument("[folder]", "where; made if it is not there (default: the current folder)")
      .addHelpText("after", "\nExamples:\n  batuta init demo\n  batuta init");
  },
  perform: async (cli, command) => initialise(cli, command),
};

function initialise(cli: Cli, command: Command): Answer {
  const folder = resolve(cli.workingFolder, command.args[0] ?? cli.globals.project ?? ".");
  const dependencies = starterDependencies();
  const files = starterFiles(projectName(folder), dependencies);
  refuseOverwriting(folder, [...files.keys()]);
  localFiles.makeFolder(folder);
  for (const [path, content] of files) localFiles.writeAtomic(join(folder, path), content);
  const linked = linkPackages(folder, dependencies);
  const next = nextCommands(cli, folder);
  return {
    data: { folder, files: [...files.keys()], linked, next },
    text: () =>
      [
        `Made a project in ${folder}:`,
        ...[...files.keys()].map((path) => `  ${path}`),
        "",
        "Go on with:",
        ...next.map((line) => `  ${line}`),
      ].join("\n"),
  };
}

/** A folder with other files in it is welcome; one that already has any of ours is left as it is. */
function refuseOverwriting(folder: string, paths: readonly string[]): void {
  const found = localFiles.stat(folder);
  if (found !== undefined && found.kind !== "folder") {
    throw new BatutaError("conflict", `${folder} is not a folder.`, {
      hint: "Name another one: batuta init <folder>.",
    });
  }
  const present = paths.filter((path) => localFiles.exists(join(folder, path)));
  if (present.length === 0) return;
  throw new BatutaError("conflict", `${folder} already has ${present.join(", ")}; nothing was written.`, {
    hint: "Name an empty folder: batuta init <folder>.",
  });
}

function nextCommands(cli: Cli, folder: string): readonly string[] {
  const enter = folder === cli.workingFolder ? [] : [`cd ${shellWord(relativeTo(cli.workingFolder, folder))}`];
  const own = { ...cli, globals: { json: false, quiet: false } };
  return [...enter, ...["run hello", "show hello", "logs latest"].map((rest) => commandText(own, rest)), "npm test"];
}

function relativeTo(from: string, folder: string): string {
  return folder.startsWith(`${from}/`) ? folder.slice(from.length + 1) : folder;
}
