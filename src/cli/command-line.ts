import { Command, CommanderError } from "commander";
import { BatutaError } from "../core/problem.ts";
import type { GlobalOptions, Verb } from "./cli.ts";
import { packageVersion } from "./package-version.ts";
import type { Output } from "./terminal/output.ts";
import { VERBS } from "./verb-table.ts";

export interface ParsedCommandLine {
  readonly verb: Verb;
  readonly command: Command;
  readonly globals: GlobalOptions;
}

/** Only the verb that is asked for is loaded: commander says which, just before it parses the rest. */
export async function parseCommandLine(argv: readonly string[], out: Output): Promise<ParsedCommandLine> {
  const program = programOf(out);
  let parsed: ParsedCommandLine | undefined;
  program.hook("preSubcommand", async (_, command) => {
    const verb = await VERBS.find((entry) => entry.name === command.name())?.load();
    if (verb === undefined) return;
    verb.declare(command);
    command.action(() => {
      parsed = { verb, command, globals: globalsOf(program) };
    });
  });
  try {
    if (argv.length === 0) program.help();
    await program.parseAsync(helpAsOption(argv), { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? usageProblem(error, argv) : error;
  }
  if (parsed === undefined) throw new HelpShown();
  return parsed;
}

function programOf(out: Output): Command {
  const { colors } = out;
  const program = new Command("batuta")
    .description(
      "Batuta runs data pipelines: in the right order, with retries, and with a reason for everything that waits.",
    )
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .option("--project <folder>", "folder of the project (default: the nearest with a batuta.json)")
    .option("--database-url <url>", "PostgreSQL instead of .batuta/batuta.db (default: $BATUTA_DATABASE_URL)")
    .option("--json", "print one JSON object: {ok, data, warnings} or {ok, error}")
    .option("--no-color", "print without colours (so do NO_COLOR and a pipe; FORCE_COLOR forces them)")
    .option("--no-input", "never ask anything")
    .option("-q, --quiet", "no progress and no hints on stderr")
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => colors.bold(title),
      subcommandTerm: (command) =>
        `${command.name()} ${VERBS.find(({ name }) => name === command.name())?.usage ?? ""}`.trim(),
    })
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(out.columns, HELP_COLUMNS_MAX),
    })
    .exitOverride();
  for (const { name, summary, alias } of VERBS) {
    const command = program.command(name).summary(summary).description(capital(summary));
    if (alias !== undefined) command.alias(alias);
  }
  return program.addHelpText("after", EXAMPLES);
}

const HELP_COLUMNS_MAX = 100;

const EXAMPLES = `
Examples:
  batuta init demo && cd demo     a first project
  batuta run hello                run it and watch
  batuta logs latest              what its tasks wrote
  batuta why latest               why something failed or waits

Exit codes: 0 ok, 1 the run failed, 2 wrong usage or pipeline, 3 not found, 4 not allowed, 5 conflict,
6 database unreachable or disk full, 7 timed out waiting, 70 a defect of Batuta, 130 interrupted.`;

function globalsOf(program: Command): GlobalOptions {
  const { project, databaseUrl, json, quiet } = program.opts<Partial<GlobalOptions>>();
  return {
    ...(project === undefined ? {} : { project }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    json: json === true,
    quiet: quiet === true,
  };
}

/** `batuta help run` is `batuta run --help`. */
function helpAsOption(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  return first === "help" ? [...rest, "--help"] : argv;
}

/** Help or version went to stdout: there is nothing more to do. */
export class HelpShown extends Error {}

function usageProblem(error: CommanderError, argv: readonly string[]): Error {
  if (error.exitCode === 0) return new HelpShown();
  const shown = error.code === "commander.help" ? "No verb is given" : error.message.replace(/^error: /, "");
  const [sentence = "", suggestion] = shown.split("\n");
  const verb = VERBS.find(({ name }) => argv.includes(name));
  const help = `See batuta ${verb === undefined ? "" : `${verb.name} `}--help.`;
  const meant = suggestion?.replace(/^\((.*)\)$/, "$1");
  return new BatutaError("usage", `${capital(sentence.replace(/\.$/, ""))}.`, {
    hint: meant === undefined ? help : `${meant} ${help}`,
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
