import type { Failure } from "../../core/failure.ts";
import type { BatutaError } from "../../core/problem.ts";
import type { LogLine } from "../../execution/logs/log-line.ts";
import type { Output } from "./output.ts";
import { stateIcon } from "./state-style.ts";
import { safeLogLine } from "./text-width.ts";

/** A failed task with what a person needs to see first. */
export interface ShownFailure {
  readonly task: string;
  readonly attempts: number;
  readonly failure?: Failure;
  /** The end of the last attempt's log. */
  readonly log: readonly LogLine[];
}

export interface ShownFailures {
  readonly told: readonly ShownFailure[];
  /** How many there are beside these. */
  readonly more: number;
}

/** Why a run failed, task by task, and what to do now. */
export function failuresText(
  verdict: BatutaError,
  { told, more }: ShownFailures,
  output: Pick<Output, "colors">,
): string {
  const { colors } = output;
  const rest =
    more === 0 ? [] : [colors.dim(`… and ${more.toLocaleString("en")} more that failed (--json tells of all)`)];
  const blocks = [...told.map((failure) => block(failure, output)), ...rest];
  const end = `${colors.red(colors.bold(verdict.message))}${verdict.hint === undefined ? "" : `\n${verdict.hint}`}`;
  return ["", ...blocks.flatMap((text) => [text, ""]), end].join("\n");
}

function block({ task, attempts, failure, log }: ShownFailure, { colors }: Pick<Output, "colors">): string {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  const how = failure?.reason.replaceAll("_", " ") ?? "unknown";
  const lines = [`${colors.red(stateIcon("failed"))} ${colors.bold(task)} failed${tries} (${how})`];
  if (failure !== undefined) lines.push(...messageLines(failure).map((line) => `  ${line}`));
  if (failure?.location !== undefined) {
    const { file, line, column } = failure.location;
    lines.push(`  ${colors.dim("at")} ${colors.cyan(`${file}:${line}${column === undefined ? "" : `:${column}`}`)}`);
  }
  if (failure?.hint !== undefined) lines.push(`  ${colors.bold("hint:")} ${failure.hint}`);
  if (log.length > 0) lines.push(`  ${colors.dim("the end of its log:")}`);
  for (const { text } of log) lines.push(`  ${colors.dim("│")} ${safeLogLine(text)}`);
  return lines.join("\n");
}

/** The message with its own line breaks, the class of the error in front. */
function messageLines({ errorName, message }: Failure): readonly string[] {
  const lines = `${errorName === undefined ? "" : `${errorName}: `}${message}`.split("\n").map(safeLogLine);
  return lines.length > MESSAGE_LINES_MAX ? [...lines.slice(0, MESSAGE_LINES_MAX), "…"] : lines;
}

const MESSAGE_LINES_MAX = 12;
