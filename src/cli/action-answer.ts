import { withoutJunction } from "../core/junction-name.ts";
import { BatutaError } from "../core/problem.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import { isRunFinished } from "../core/state.ts";
import { findExecutor } from "../engine/orphans.ts";
import type { ActionDone, ActionResult, TouchedTaskRun } from "../store/operator-store.ts";
import type { RunId, Store } from "../store/store.ts";
import type { Answer, Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { hostProcesses } from "./host-processes.ts";
import { shortId } from "./run-reference.ts";
import { counted } from "./terminal/counted.ts";
import { paintState, stateIcon, stateLabel } from "./terminal/state-style.ts";
import { type Column, renderTable } from "./terminal/table.ts";

/** What was asked for, and how it is told. */
export interface AskedAction {
  /** `cleared`, `marked as success`. */
  readonly participle: string;
  readonly dryRun: boolean;
  /** Where to look when it is refused. */
  readonly run?: RunId;
}

/** What an operator's action touched, or would touch; a refusal is an error with the exit code of a conflict. */
export function actionAnswer(cli: Cli, result: ActionResult, asked: AskedAction): Answer {
  const done = doneOrThrow(cli, result, asked);
  const { dryRun } = asked;
  const { runs, taskRuns, deadLetters } = done;
  return {
    data: { dryRun, runs, taskRuns, ...(deadLetters.length === 0 ? {} : { deadLetters }) },
    text: () => actionText(cli, done, asked),
  };
}

/** Says which of these runs nobody executes, so that nothing is left lying by mistake. */
export async function noteIdleRuns(cli: Cli, store: Store, runs: Iterable<RunId>): Promise<void> {
  for (const id of new Set(runs)) {
    const run = await store.run(id);
    if (run === undefined || isRunFinished(run.state)) continue;
    if ((await findExecutor(store, hostProcesses(cli.clock), run)) !== undefined) continue;
    cli.note(
      `No process executes run ${shortId(id)} now. Go on with it: ${commandText(cli, `retry ${shortId(id)} --resume`)}`,
    );
  }
}

function doneOrThrow(cli: Cli, result: ActionResult, { run }: AskedAction): ActionDone {
  if (result.kind === "done") return result;
  if (result.kind === "not_found") throw new BatutaError("not_found", result.message);
  const where = run === undefined ? "dead-letters" : `why ${shortId(run)}`;
  throw new BatutaError("conflict", result.message, { hint: `See ${commandText(cli, where)}.` });
}

function actionText(
  cli: Cli,
  { runs, taskRuns, deadLetters }: ActionDone,
  { participle, dryRun }: AskedAction,
): string {
  const shown = taskRuns.filter(({ task }) => withoutJunction(task) === task);
  const { out } = cli;
  const lines: string[] = [];
  if (deadLetters.length > 0)
    lines.push(`${letters(deadLetters)} ${verbText(deadLetters.length, dryRun)} ${participle}.`);
  for (const { runId, from, to } of runs) {
    lines.push(`Run ${shortId(runId)}: ${stateLabel(from)} -> ${paintState(out.colors, to, stateLabel(to))}`);
  }
  if (shown.length > 0) {
    const rows = shown.slice(0, LISTED_MAX).map((row) => cells(cli, row));
    lines.push(`${counted(shown.length, "task run")} ${verbText(shown.length, dryRun)} touched:`, "");
    lines.push(renderTable(COLUMNS, rows, out));
    const left = shown.length - rows.length;
    if (left > 0) lines.push(`… and ${counted(left, "task run")} more (--json lists all)`);
  }
  return lines.length === 0 ? `Nothing ${verbText(1, dryRun)} ${participle}.` : lines.join("\n");
}

/** Touched task runs told one by one: a map may have a great many. */
const LISTED_MAX = 200;

function letters(ids: readonly number[]): string {
  return ids.length === 1 ? `Dead letter ${ids[0]}` : counted(ids.length, "dead letter");
}

function verbText(count: number, dryRun: boolean): string {
  if (dryRun) return "would be";
  return count === 1 ? "was" : "were";
}

const COLUMNS: readonly Column[] = [
  { title: "RUN" },
  { title: "TASK", whenNarrow: "shrinks" },
  { title: "WAS" },
  { title: "BECOMES" },
];

function cells({ out }: Cli, { runId, task, mapKey, from, to, stop }: TouchedTaskRun): readonly string[] {
  const becomes = stop === undefined ? stateLabel(to) : stop === "kill" ? "killed" : "asked to end";
  return [
    shortId(runId),
    taskRunName(task, mapKey),
    from === null ? "-" : stateLabel(from),
    paintState(out.colors, to, `${stateIcon(to)} ${becomes}`),
  ];
}
