import type { Failure } from "../core/failure.ts";
import { BatutaError } from "../core/problem.ts";
import { labelledName, shownTaskRuns } from "../core/shown-task-runs.ts";
import { localLogs } from "../execution/logs/log-store.ts";
import { localFiles } from "../ports/files.ts";
import type { RunId } from "../store/store.ts";
import type { Answer, Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import type { ExecutionEnd } from "./execute-run.ts";
import { shortId } from "./run-reference.ts";
import { fullRunReport, type RunRows, taskReports } from "./run-report.ts";
import { readRunRows } from "./run-rows.ts";
import { failuresText, type ShownFailures } from "./terminal/failures-text.ts";
import { reasonText } from "./terminal/reason-text.ts";
import { runSummary } from "./terminal/run-summary.ts";
import { runTitle } from "./terminal/run-title.ts";
import type { Workspace } from "./workspace.ts";

/** Failures told at length; of more, how many there are. */
const FAILURES_TOLD_MAX = 10;
const LOG_TAIL_LINES = 10;

/** What is said of a run after this process has executed or watched it. */
export async function runAnswer(cli: Cli, workspace: Workspace, id: RunId, end: ExecutionEnd): Promise<Answer> {
  const rows = await readRunRows(workspace.store, id);
  const failure = verdict(cli, rows, end);
  return {
    // Of a large map, whose tasks are shown as one line, the reports are not all made at once.
    data: cli.globals.json ? fullRunReport(rows) : undefined,
    text: () => `${runTitle(rows.run, cli.out)}\n\n${runSummary(taskReports(rows), rows.pipeline, cli.out)}`,
    ...(failure === undefined
      ? {}
      : { failure, afterword: () => failuresText(failure, shownFailures(cli, workspace, rows), cli.err) }),
  };
}

function verdict(cli: Cli, { run }: RunRows, end: ExecutionEnd): BatutaError | undefined {
  if (run.state === "success") return undefined;
  const hint = [
    `Go on from where it stopped:  ${commandText(cli, `retry ${shortId(run.id)} --from-failure`)}`,
    `After a change of the pipeline:  ${commandText(cli, `run ${run.pipeline}`)}`,
  ].join("\n");
  if (end === "interrupted") return new BatutaError("interrupted", "The run was cancelled.", { hint });
  const reason = reasonText(run.reason, run.state);
  const what = run.state === "cancelled" ? "was cancelled" : "failed";
  return new BatutaError("run_failed", `The run ${what}${reason === "" ? "" : `: ${reason}`}.`, { hint });
}

function shownFailures(cli: Cli, { state }: Workspace, { run, pipeline, taskRuns, attempts }: RunRows): ShownFailures {
  const logs = localLogs({ folder: state.logs, files: localFiles, clock: cli.clock });
  const failed = shownTaskRuns(
    pipeline,
    taskRuns.filter((row) => row.state === "failed"),
  );
  const told = failed.slice(0, FAILURES_TOLD_MAX);
  return {
    more: failed.length - told.length,
    told: told.map((row) => {
      const { taskIndex, mapKey, label, generation, attempt, key } = row;
      const last = attempts.findLast((one) => one.taskIndex === taskIndex && one.mapKey === mapKey);
      const source = { runId: run.id, taskRunKey: key, generation, attempt: last?.attempt ?? attempt };
      const failure: Failure | undefined = row.failure ?? last?.failure;
      return {
        task: labelledName(pipeline.tasks[taskIndex]?.name ?? `task ${taskIndex}`, mapKey, label),
        attempts: attempt,
        ...(failure === undefined ? {} : { failure }),
        log: logs.tail(source, LOG_TAIL_LINES).lines,
      };
    }),
  };
}
