import { formatDuration } from "../../core/duration.ts";
import type { DeadLetterReport, FullDeadLetterReport } from "../dead-letter-report.ts";
import { shortId } from "../run-reference.ts";
import { formatInstant } from "./instant-text.ts";
import type { Output } from "./output.ts";
import { type Column, renderTable } from "./table.ts";
import { oneLine, safeLogLine } from "./text-width.ts";

const COLUMNS: readonly Column[] = [
  { title: "ID", align: "right" },
  { title: "PIPELINE", whenNarrow: "shrinks" },
  { title: "TASK", whenNarrow: "shrinks" },
  { title: "RUN" },
  { title: "OPENED", whenNarrow: "yields" },
  { title: "STATE" },
  { title: "FAILURE", whenNarrow: "shrinks" },
];

export function deadLetterTable(letters: readonly DeadLetterReport[], out: Output): string {
  const rows = letters.map((letter) => [
    String(letter.id),
    letter.pipeline,
    letter.task,
    shortId(letter.run),
    formatInstant(Date.parse(letter.openedAt)),
    stateText(letter),
    oneLine(letter.note ?? letter.failure?.message ?? ""),
  ]);
  return renderTable(COLUMNS, rows, out);
}

/** The failure, every attempt, and the end of the log. */
export function deadLetterText(letter: FullDeadLetterReport, { colors }: Pick<Output, "colors">): string {
  const { id, pipeline, task, run, failure, note, attempts, log } = letter;
  const lines = [
    `${colors.bold(`Dead letter ${id}`)}: ${task} of ${pipeline}, run ${shortId(run)}`,
    `${stateText(letter)}, opened ${formatInstant(Date.parse(letter.openedAt))}`,
  ];
  if (note !== undefined) lines.push(`Note: ${safeLogLine(note)}`);
  if (failure !== undefined) {
    lines.push("", `${colors.red(failure.reason.replaceAll("_", " "))}: ${safeLogLine(failure.message)}`);
    if (failure.location !== undefined) lines.push(`  at ${failure.location.file}:${failure.location.line}`);
    if (failure.hint !== undefined) lines.push(`  hint: ${safeLogLine(failure.hint)}`);
  }
  lines.push("", colors.dim("Attempts:"), ...attempts.map(attemptLine));
  if (log.length > 0) lines.push("", colors.dim("The end of its log:"), ...log.map((line) => `  ${safeLogLine(line)}`));
  return lines.join("\n");
}

function attemptLine({ attempt, startedAt, durationMs, outcome, failure }: FullDeadLetterReport["attempts"][number]) {
  const lasted = durationMs === undefined ? "" : ` in ${formatDuration(durationMs)}`;
  const why = failure === undefined ? "" : `: ${oneLine(failure.message)}`;
  return `  ${attempt}  ${formatInstant(Date.parse(startedAt))}  ${outcome ?? "running"}${lasted}${why}`;
}

function stateText({ state, assignedTo, closedBy }: DeadLetterReport): string {
  const by = closedBy === undefined ? "" : ` by ${closedBy}`;
  return `${state}${by}${assignedTo === undefined ? "" : `, assigned to ${assignedTo}`}`;
}
