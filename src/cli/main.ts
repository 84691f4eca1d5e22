import { systemClock } from "../ports/clock.ts";
import { keepHeapSmall } from "../ports/heap.ts";
import type { Cli, GlobalOptions } from "./cli.ts";
import { HelpShown, parseCommandLine } from "./command-line.ts";
import { exitCodeOf, problemOf, writeAnswer, writeProblem } from "./envelope.ts";
import { colorsWanted, type Output, processOutput } from "./terminal/output.ts";

/**
 * Runs one command line, without `node` and the script in front: parses it, performs its verb, writes what came of it.
 * Resolves with the exit code (architecture.md, section 6); never rejects.
 */
export async function main(argv: readonly string[]): Promise<number> {
  keepHeapSmall();
  const lost: { exitCode?: number } = {};
  const streams = openStreams(argv, (error) => {
    lost.exitCode = tellLostOutput(error);
  });
  const warnings: string[] = [];
  const unfinished = (): void => tellUnfinished(streams, argv);
  process.once("beforeExit", unfinished);
  try {
    const { verb, command, globals } = await parseCommandLine(argv, streams.out);
    const cli = cliOf(streams, globals, warnings);
    const answer = await verb.perform(cli, command);
    const exitCode = answer === undefined ? 0 : writeAnswer(cli, answer, warnings);
    await streams.out.flushed();
    return lost.exitCode ?? exitCode;
  } catch (error) {
    if (error instanceof HelpShown) return 0;
    const problem = problemOf(error, process.env);
    writeProblem({ ...streams, json: argv.includes("--json") }, problem);
    return exitCodeOf(problem);
  } finally {
    process.off("beforeExit", unfinished);
  }
}

/** Node ends, with exit code 0, when nothing can wake it any more: work that still waits then would vanish unseen. */
function tellUnfinished(streams: Streams, argv: readonly string[]): void {
  const problem = problemOf(new Error("the command waits for something that can never come"), process.env);
  writeProblem({ ...streams, json: argv.includes("--json") }, problem);
  process.exitCode = exitCodeOf(problem);
}

/** What was asked for did not arrive: no success, whatever the verb says. */
function tellLostOutput(error: Error): number {
  const problem = problemOf(error, process.env);
  process.stderr.write(`error: The output cannot be written: ${problem.message}\n`);
  return exitCodeOf(problem);
}

interface Streams {
  readonly out: Output;
  readonly err: Output;
}

function openStreams(argv: readonly string[], onFailure: (error: Error) => void): Streams {
  const open = (stream: NodeJS.WriteStream): Output => {
    const facts = { env: process.env, isTty: stream.isTTY === true, refused: argv.includes("--no-color") };
    return processOutput(stream, colorsWanted(facts), onFailure);
  };
  return { out: open(process.stdout), err: open(process.stderr) };
}

function cliOf({ out, err }: Streams, globals: GlobalOptions, warnings: string[]): Cli {
  let through: ((text: string) => void) | undefined;
  const tell = (text: string): void => {
    if (!globals.quiet) (through ?? err.write)(`${text}\n`);
  };
  return {
    out,
    err,
    globals,
    clock: systemClock,
    env: process.env,
    workingFolder: process.cwd(),
    note: tell,
    warn: (message) => {
      warnings.push(message);
      tell(`${err.colors.yellow("warning:")} ${message}`);
    },
    tellThrough: (write) => {
      through = write;
    },
  };
}
