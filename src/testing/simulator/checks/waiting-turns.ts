import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Commit } from "./commit.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

/** A task run that is ready, or has just started, and what its turn goes by. */
export interface Turn {
  readonly key: number;
  readonly fold: RunFold;
  readonly task: FoldedTask;
  readonly priority: number;
  /** What is limited by the same things waits in one. */
  readonly lane: number;
  readonly readyAt: number;
}

/** One look at who starts and who waits on, after a commit in which something has started. */
export interface Turns {
  readonly at: number;
  readonly session: string;
  readonly started: readonly Turn[];
  /** They were ready before as well, and nothing has happened to them. */
  readonly waiting: readonly Turn[];
}

/** Undefined: nothing has started. */
export function readTurns(db: SqliteConnection, { taskMoves, folds }: Commit): Turns | undefined {
  const starts = taskMoves.filter(({ event, task }) => event.to === "running" && task.state === "running");
  const [first] = starts;
  if (first === undefined) return undefined;
  const moved = new Set(taskMoves.map(({ task }) => task));
  const begun = new Set(starts.map(({ task }) => task));
  const turns = (sql: string): readonly Turn[] => db.all<TurnOnDisk>(sql).flatMap((row) => turnOf(row, folds));
  const started = turns(SELECT_RUNNING).filter(({ task }) => begun.has(task));
  const key = started[0]?.key ?? 0;
  return {
    at: first.at,
    session: db.get<{ id: string }>(SELECT_SESSION, key)?.id ?? "",
    started,
    waiting: turns(SELECT_READY).filter(({ task }) => !moved.has(task)),
  };
}

function turnOf({ runKey, taskIndex, mapKey, ...row }: TurnOnDisk, folds: Commit["folds"]): readonly Turn[] {
  const fold = folds.get(runKey);
  const task = fold?.tasks.get(nameOf({ taskIndex, mapKey }));
  return fold === undefined || task === undefined ? [] : [{ ...row, fold, task }];
}

interface TurnOnDisk extends Pick<Turn, "key" | "priority" | "lane" | "readyAt"> {
  readonly runKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
}

const COLUMNS = `
  task_run.key, task_run.run_key as runKey, task_index as taskIndex, map_key as mapKey, lane.priority,
  lane.id as lane, task_run.queued_at as readyAt`;

const SELECT_READY = `
  select ${COLUMNS} from ready cross join task_run on task_run.key = ready.task_run_key
    cross join lane on lane.id = task_run.lane_id
  where not exists (select 1 from pipeline_state where pipeline_state.pipeline = lane.pipeline)`;

const SELECT_RUNNING = `
  select ${COLUMNS} from lease cross join task_run on task_run.key = lease.task_run_key
    cross join lane on lane.id = task_run.lane_id`;

const SELECT_SESSION = `
  select session.id from lease cross join session on session.key = lease.session_key where lease.task_run_key = ?`;
