import { BatutaError, PROBLEMS } from "../core/problem.ts";
import type { Answer, Cli } from "./cli.ts";
import type { Output } from "./terminal/output.ts";

/**
 * Writes a verb's answer, to people as text and under `--json` as `{ok:true,data,warnings}`; an answer that carries a
 * failure is `{ok:false,error,data,warnings}`. Returns the exit code.
 */
export function writeAnswer(cli: Cli, answer: Answer, warnings: readonly string[]): number {
  const { failure, data, afterword } = answer;
  if (cli.globals.json) {
    const envelope =
      failure === undefined ? { ok: true, data, warnings } : { ok: false, error: errorBody(failure), data, warnings };
    cli.out.write(`${JSON.stringify(envelope, null, cli.out.isTty ? 2 : 0)}\n`);
  } else {
    const text = answer.text();
    if (text !== "") cli.out.write(`${text}\n`);
    if (afterword !== undefined) cli.err.write(`${afterword()}\n`);
  }
  return failure === undefined ? 0 : exitCodeOf(failure);
}

/** Writes an error: the envelope to stdout under `--json`, else a sentence, where, and how to mend it to stderr. */
export function writeProblem(
  { out, err, json }: { out: Output; err: Output; json: boolean },
  problem: BatutaError,
): void {
  if (json) out.write(`${JSON.stringify({ ok: false, error: errorBody(problem) }, null, out.isTty ? 2 : 0)}\n`);
  else err.write(`${problemText(problem, err)}\n`);
}

/** An error as people read it, with the source lines and the remedy. */
export function problemText(problem: BatutaError, { colors }: Pick<Output, "colors">): string {
  const { location, codeFrame, hint } = problem;
  const lines = [`${colors.red(colors.bold("error:"))} ${problem.message}`];
  if (location !== undefined) {
    const column = location.column === undefined ? "" : `:${location.column}`;
    lines.push(`  ${colors.dim("at")} ${colors.cyan(`${location.file}:${location.line}${column}`)}`);
  }
  if (codeFrame !== undefined) lines.push("", indented(codeFrame), "");
  if (hint !== undefined) lines.push(`  ${colors.bold("hint:")} ${hint.replaceAll("\n", "\n        ")}`);
  return lines.join("\n");
}

/** The `error` of the envelope. */
export function errorBody({ code, message, hint, location, codeFrame }: BatutaError): object {
  return { code, message, hint, location, codeFrame };
}

export function exitCodeOf(problem: BatutaError): number {
  return PROBLEMS[problem.code].exitCode;
}

/** Whatever was thrown, as a problem with a code: known failures of the environment, else a defect of Batuta. */
export function problemOf(error: unknown, env: Readonly<Record<string, string | undefined>>): BatutaError {
  if (error instanceof BatutaError) return error;
  return environmentProblem(error) ?? internalProblem(error, env);
}

/** What the operating system said, in words. `error` may have been wrapped by the database. */
function environmentProblem(error: unknown): BatutaError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  const path = "path" in error && typeof error.path === "string" ? error.path : undefined;
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new BatutaError("read_only", `${path ?? "A file of the project"} cannot be written.`, {
      hint: "Give your user the right to write there, or use another folder with --project.",
    });
  }
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new BatutaError("disk_full", `The disk is full${path === undefined ? "" : `: ${path} cannot be written`}.`, {
      hint: "Free some space, then run the same command again: a run goes on where it stopped.",
    });
  }
  if (code === "EEXIST" || code === "ENOTDIR" || code === "EISDIR") {
    return new BatutaError(
      "conflict",
      `${path ?? "Something"} is in the way: a file where a folder has to be, or the other way round.`,
      {
        hint: "Move it away.",
      },
    );
  }
  if (code === "EMFILE" || code === "ENFILE") {
    return new BatutaError("store_unreachable", "Too many files are open.", {
      hint: "Raise the limit: ulimit -n 4096.",
    });
  }
  return error.cause === undefined ? undefined : environmentProblem(error.cause);
}

function internalProblem(error: unknown, env: Readonly<Record<string, string | undefined>>): BatutaError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const debugging = env.BATUTA_DEBUG === "1";
  return new BatutaError("internal", `Something in Batuta broke: ${message.split("\n", 1)[0] ?? ""}`, {
    hint: debugging
      ? (error instanceof Error && error.stack) || "There is no stack."
      : "This is a defect. Set BATUTA_DEBUG=1 and run the command again to see where it happened.",
  });
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
}
