import { dirname, resolve } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import { timeZone } from "../../core/time-zone.ts";
import { readInput } from "../../ports/answer-channel.ts";
import { machineTimezone } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import type { Answer, Cli } from "../cli.ts";
import { commandText, shellWord } from "../command-text.ts";
import { counted } from "../terminal/counted.ts";
import { renderTable } from "../terminal/table.ts";
import { type CrontabFile, crontabFiles } from "./crontab-files.ts";
import type { CrontabFormat } from "./crontab-line.ts";
import { type WrittenProject, writeCrontabProject } from "./crontab-project.ts";
import { type Crontab, type LeftOut, readCrontab } from "./read-crontab.ts";

export interface ImportOptions {
  readonly to?: string;
  readonly oneFile?: boolean;
  readonly system?: boolean;
  readonly timezone?: string;
  readonly overwrite?: boolean;
}

/** Makes pipelines of the jobs of a crontab; nothing is written when none of them can be carried over. */
export function importCrontab(cli: Cli, file: string, options: ImportOptions): Answer {
  const timezone = options.timezone ?? machineTimezone();
  timeZone(timezone);
  const crontab = readCrontab(textOf(cli, file), { format: formatOf(cli, file, options), timezone });
  for (const left of crontab.leftOut) cli.warn(`line ${left.line}, ${shortened(left.text)}: ${left.reason}.`);
  if (crontab.jobs.length === 0) throw nothingToImport(file, crontab.leftOut);
  if (options.timezone === undefined && crontab.jobs.some((job) => job.timezone === timezone)) {
    cli.note(`Times without a CRON_TZ are in ${timezone}, the zone of this machine; --timezone says another.`);
  }
  const files = crontabFiles(crontab, options.oneFile === true ? "one_file" : "file_each");
  const folder = resolve(cli.workingFolder, options.to ?? cli.globals.project ?? ".");
  const written = writeCrontabProject(folder, files, { overwrite: options.overwrite === true });
  return answer(cli, { crontab, files, written, folder });
}

const SYSTEM_CRONTAB = "/etc/crontab";
const SYSTEM_FOLDER = "/etc/cron.d";

function formatOf({ workingFolder }: Cli, file: string, { system }: ImportOptions): CrontabFormat {
  const path = resolve(workingFolder, file);
  return system === true || path === SYSTEM_CRONTAB || dirname(path) === SYSTEM_FOLDER ? "system" : "user";
}

function textOf({ workingFolder }: Cli, file: string): string {
  const text = file === "-" ? readInput() : readCrontabFile(resolve(workingFolder, file));
  if (!text.includes("\0")) return text;
  throw new BatutaError("usage", `${file} is no crontab: it is no text.`, {
    hint: "Give the file that crontab -l prints.",
  });
}

function readCrontabFile(path: string): string {
  const kind = localFiles.stat(path)?.kind;
  if (kind === undefined) {
    throw new BatutaError("not_found", `There is no file ${path}.`, {
      hint: "Your own crontab comes by a pipe: crontab -l | batuta import crontab -",
    });
  }
  if (kind === "folder") throw new BatutaError("usage", `${path} is a folder.`, { hint: "Name one of its files." });
  try {
    return localFiles.readText(path);
  } catch (error) {
    throw new BatutaError("denied", `${path} cannot be read: ${error instanceof Error ? error.message : ""}.`, {
      hint: "Let its owner print it: crontab -l | batuta import crontab -",
    });
  }
}

function nothingToImport(file: string, leftOut: readonly LeftOut[]): BatutaError {
  const name = file === "-" ? "The crontab" : file;
  const reasons = leftOut.map(({ line, reason }) => `line ${line}: ${reason}.`);
  return new BatutaError("invalid_definition", `${name} has no job that can be carried over; nothing was written.`, {
    hint: reasons.length === 0 ? "A job is a line such as: 0 2 * * * /usr/local/bin/backup" : reasons.join("\n"),
  });
}

interface Imported {
  readonly crontab: Crontab;
  readonly files: readonly CrontabFile[];
  readonly written: WrittenProject;
  readonly folder: string;
}

function answer(cli: Cli, { crontab, files, written, folder }: Imported): Answer {
  const fileOf = new Map(files.flatMap(({ path, pipelines }) => pipelines.map((name) => [name, path])));
  const next = nextCommands(cli, folder);
  return {
    data: {
      folder,
      ...written,
      pipelines: crontab.jobs.map(({ name, line, expression, timezone }) => ({
        name,
        file: fileOf.get(name),
        line,
        schedule: expression,
        timezone,
      })),
      notCarriedOver: crontab.leftOut,
      next,
    },
    text: () =>
      [
        `Made ${counted(crontab.jobs.length, "pipeline")} in ${folder}:`,
        "",
        renderTable(
          [{ title: "LINE", align: "right" }, { title: "PIPELINE" }, { title: "SCHEDULE" }, { title: "TIME ZONE" }],
          crontab.jobs.map(({ line, name, expression, timezone }) => [String(line), name, expression, timezone]),
          cli.out,
        ),
        "",
        "Go on with:",
        ...next.map((line) => `  ${line}`),
      ].join("\n"),
  };
}

function nextCommands(cli: Cli, folder: string): readonly string[] {
  const own = { ...cli, globals: { json: false, quiet: false } };
  const enter = folder === cli.workingFolder ? [] : [`cd ${shellWord(folder)}`];
  return [...enter, commandText(own, "check"), commandText(own, "dev")];
}

function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

const SHOWN_CHARACTERS_MAX = 80;
