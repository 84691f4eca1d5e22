import type { Failure } from "../core/failure.ts";
import { iso } from "../core/instant.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import { localLogs } from "../execution/logs/log-store.ts";
import { localFiles } from "../ports/files.ts";
import type { DeadLetterRecord } from "../store/operator-store.ts";
import type { AttemptRecord } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import type { Workspace } from "./workspace.ts";

const LOG_TAIL_LINES = 20;

/** A dead letter as `--json` shows it; instants are ISO 8601 in UTC. */
export interface DeadLetterReport {
  readonly id: number;
  readonly run: string;
  readonly pipeline: string;
  readonly task: string;
  readonly state: string;
  readonly openedAt: string;
  readonly closedAt?: string;
  readonly closedBy?: string;
  readonly assignedTo?: string;
  readonly note?: string;
  readonly failure?: Failure;
}

/** With every attempt of its generation, and the end of the last one's log. */
export interface FullDeadLetterReport extends DeadLetterReport {
  readonly attempts: readonly AttemptReport[];
  readonly log: readonly string[];
}

export interface AttemptReport {
  readonly attempt: number;
  readonly startedAt: string;
  readonly durationMs?: number;
  readonly outcome?: string;
  readonly failure?: Failure;
}

export function deadLetterReport(letter: DeadLetterRecord): DeadLetterReport {
  const { id, runId, pipeline, task, mapKey, state, openedAt, closedAt, closedBy, assignedTo, note, failure } = letter;
  return {
    ...{ id, run: runId, pipeline, task: taskRunName(task, mapKey), state, openedAt: iso(openedAt) },
    ...(closedAt === undefined ? {} : { closedAt: iso(closedAt) }),
    ...(closedBy === undefined ? {} : { closedBy }),
    ...(assignedTo === undefined ? {} : { assignedTo }),
    ...(note === undefined ? {} : { note }),
    ...(failure === undefined ? {} : { failure }),
  };
}

export async function fullDeadLetterReport(
  cli: Cli,
  { store, state }: Workspace,
  letter: DeadLetterRecord,
): Promise<FullDeadLetterReport> {
  const { runId, taskIndex, mapKey, generation } = letter;
  const all = await store.attempts(runId, taskIndex, mapKey);
  const attempts = all.filter((attempt) => attempt.generation === generation);
  const last = attempts.at(-1);
  const report = deadLetterReport(letter);
  // A task run that was cleared since has no failure of its own any more, its attempts keep theirs.
  const failure = report.failure ?? last?.failure;
  const logs = localLogs({ folder: state.logs, files: localFiles, clock: cli.clock });
  const [row] = await store.taskRunsAt(runId, [{ index: taskIndex, path: mapKey }]);
  const source = { runId, taskRunKey: row?.key ?? 0, generation, attempt: last?.attempt ?? 0 };
  const { lines } = logs.tail(source, LOG_TAIL_LINES);
  return {
    ...report,
    ...(failure === undefined ? {} : { failure }),
    attempts: attempts.map(attemptReport),
    log: lines.map(({ text }) => text),
  };
}

function attemptReport({ attempt, startedAt, finishedAt, outcome, failure }: AttemptRecord): AttemptReport {
  return {
    attempt,
    startedAt: iso(startedAt),
    ...(finishedAt === undefined ? {} : { durationMs: finishedAt - startedAt }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(failure === undefined ? {} : { failure }),
  };
}
