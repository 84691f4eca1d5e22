import { isFinished, isRunFinished } from "../../../core/state.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { TaskRunRecord } from "../../../store/store.ts";
import type { Findings } from "../findings.ts";
import { type JudgedRow, rowsOfRun, statesOf } from "./rows-of-run.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

interface RunOnDisk {
  readonly key: number;
  readonly state: string;
  readonly unfinished: number;
  readonly failing: number;
  readonly finishedAt: number | null;
}

type TaskOnDisk = TaskRunRecord;

/**
 * Compares the rows of one run with its fold, and its rows with each other: everything is recounted here, by code that
 * shares nothing with the store.
 */
export function checkRunRows(db: SqliteConnection, runKey: number, fold: RunFold, findings: Findings): void {
  const run = db.get<RunOnDisk>(SELECT_RUN, runKey);
  if (run === undefined) {
    findings.add("I34", `${fold.id} has events but no row`);
    return;
  }
  const { rows: tasks, judged } = rowsOfRun(db, fold);
  fold.judgeDecisions(judged);
  checkFold(run, tasks, fold, findings);
  checkCounts(run, tasks, fold, findings);
  for (const each of judged.values()) checkUpstreamCounts(each, fold, findings);
  checkMirrors(db, runKey, tasks, findings);
  checkLetters(db, runKey, fold, findings);
}

/** I09: the rows are what the events say. */
function checkFold(run: RunOnDisk, tasks: readonly TaskOnDisk[], fold: RunFold, findings: Findings): void {
  findings.expect(run.state === fold.state, "I09", () => `${fold.id} is ${run.state}, by its events ${fold.state}`);
  findings.expect(
    tasks.length === fold.tasks.size,
    "I09",
    () => `${fold.id} has ${tasks.length} task runs, by its events ${fold.tasks.size}`,
  );
  for (const row of tasks) {
    const folded = fold.tasks.get(nameOf(row));
    const isSame = folded !== undefined && IDENTITY.every((name) => row[name] === folded[name]);
    findings.expect(isSame, "I09", () => `${fold.id}: the row says ${shown(row)}, the events ${shown(folded)}`);
  }
}

const IDENTITY = ["state", "generation", "attempt", "token", "lost"] as const;

/** I12, I45: counts of the run and of every task run equal a recount; nothing that is decided still waits. */
function checkCounts(run: RunOnDisk, tasks: readonly TaskOnDisk[], fold: RunFold, findings: Findings): void {
  const open = tasks.filter(({ state }) => !isFinished(state)).length;
  const failing = [...fold.tasks.values()].filter(isFailing).length;
  findings.expect(
    run.unfinished === open && run.failing === failing,
    "I45",
    () => `${fold.id} counts ${run.unfinished} unfinished, ${run.failing} failing; it has ${open} and ${failing}`,
  );
  const isOver = fold.state !== null && isRunFinished(fold.state);
  findings.expect(
    // One without any task run may still wait for its turn.
    isOver === (open === 0 && fold.state !== "queued") && isOver === (run.finishedAt !== null),
    "I12",
    () => `${fold.id} is ${run.state} with ${open} unfinished task runs`,
  );
}

function checkUpstreamCounts({ row, counts, verdict }: JudgedRow, fold: RunFold, findings: Findings): void {
  const task = fold.spec.tasks[row.taskIndex];
  const said = (kept: JudgedRow["counts"]): string =>
    [...statesOf(kept), `gates ${kept.gates} ${kept.shut}`].join(", ");
  findings.expect(
    said(row.upstream) === said(counts),
    "I45",
    () => `${fold.id}: ${task?.name}[${row.mapKey}] counts ${said(row.upstream)}, recounted ${said(counts)}`,
  );
  const isAboutToStart = row.state === "queued" || row.state === "retrying";
  findings.expect(
    !isAboutToStart || verdict === "run",
    "I10",
    () =>
      `${fold.id}: ${task?.name}[${row.mapKey}] is ${row.state}, but ${task?.when} over ${said(counts)} says ${verdict}`,
  );
  // A run that waits for its turn decides nothing yet.
  if (row.state !== "scheduled" || fold.state === "queued") return;
  findings.expect(
    verdict === "wait",
    "I11",
    () =>
      `${fold.id}: ${task?.name}[${row.mapKey}] is still scheduled, but ${task?.when} over ${said(counts)} says ${verdict}`,
  );
}

/** I01, I04, I25: ready, waiting, lease and open attempts mirror the states queued, retrying and running. */
function checkMirrors(db: SqliteConnection, runKey: number, tasks: readonly TaskOnDisk[], findings: Findings): void {
  const expected = (states: readonly string[], show: (row: TaskOnDisk) => string, also = isNothing): string =>
    tasks
      .filter((row) => states.includes(row.state) || also(row))
      .sort((one, other) => one.key - other.key)
      .map(show)
      .join("; ");
  const compare = (what: string, rows: string, states: string): void =>
    findings.expect(
      rows === states,
      "I25",
      () => `run ${runKey}: ${what} holds ${rows || "nothing"}, states say ${states || "nothing"}`,
    );
  const shownRows = (sql: string): string =>
    db
      .all<{ row: string }>(sql, runKey)
      .map(({ row }) => row)
      .join("; ");

  compare(
    "ready",
    shownRows(SELECT_READY),
    expected(["queued"], (row) => `${row.key} ${row.laneId} ${row.queuedAt}`),
  );
  compare(
    "waiting",
    shownRows(SELECT_WAITING),
    expected(["retrying", "deferred"], (row) => `${row.key} ${row.dueAt ?? ""}`),
  );
  compare(
    "lease",
    shownRows(SELECT_LEASES),
    expected(["running"], (row) => `${row.key} ${row.token} ${row.laneId}`),
  );
  compare(
    "open attempts",
    shownRows(SELECT_OPEN_ATTEMPTS),
    expected(["running"], (row) => `${row.key} ${row.token}`, waitsForChild),
  );
  const claims = tasks.reduce((sum, { token }) => sum + token, 0);
  const attempts = db.get<{ count: number }>(COUNT_ATTEMPTS, runKey)?.count ?? 0;
  findings.expect(claims === attempts, "I04", () => `run ${runKey}: ${attempts} attempts for ${claims} claims`);
}

/** An attempt that has started a run of another pipeline goes on until that has ended. */
function waitsForChild({ state, reason }: TaskOnDisk): boolean {
  return state === "deferred" && reason?.startsWith("child: ") === true;
}

function isNothing(_: TaskOnDisk): boolean {
  return false;
}

/** ST-4, ST-7, I33: one open letter for each final failure, opened once, with one alert. */
function checkLetters(db: SqliteConnection, runKey: number, fold: RunFold, findings: Findings): void {
  const failed = [...fold.tasks.values()].filter(({ state, spec }) => state === "failed" && !spec.allowFailure).length;
  const open = db.get<{ count: number }>(COUNT_LETTERS, runKey)?.count ?? 0;
  // A failure in a group that is tried again is none yet.
  if (fold.spec.groups?.some(({ retries }) => retries !== undefined) === true) {
    const { opened, alerts } = fold.deadLetters;
    findings.expect(
      open <= failed && opened === alerts,
      "ST-4",
      () => `${fold.id}: ${open} letters, ${failed} failures`,
    );
    return;
  }
  findings.expect(open === failed, "ST-4", () => `${fold.id} has ${open} open dead letters for ${failed} failures`);
  const { opened, alerts, failures } = fold.deadLetters;
  findings.expect(
    opened === failures && alerts === failures,
    "I33",
    () => `${fold.id}: ${failures} final failures opened ${opened} dead letters and ${alerts} alerts`,
  );
}

function isFailing({ state, spec }: FoldedTask): boolean {
  return (state === "failed" || state === "cancelled") && !spec.allowFailure;
}

function shown(task: Pick<TaskOnDisk, (typeof IDENTITY)[number] | "taskIndex"> | undefined): string {
  return task === undefined
    ? "nothing"
    : `task ${task.taskIndex} ${IDENTITY.map((name) => `${name} ${task[name]}`).join(", ")}`;
}

const SELECT_RUN = `
  select key, state, unfinished, failing, finished_at as finishedAt from run where key = ?`;

const SELECT_READY = `
  select task_run_key || ' ' || lane_id || ' ' || queued_at as row from ready where run_key = ? order by task_run_key`;

const SELECT_WAITING = `
  select task_run_key || ' ' || coalesce(due_at, '') as row from waiting where run_key = ? order by task_run_key`;

const SELECT_LEASES = `
  select task_run_key || ' ' || token || ' ' || lane_id as row from lease where run_key = ? order by task_run_key`;

const SELECT_OPEN_ATTEMPTS = `
  select task_run_key || ' ' || token as row
  from attempt where finished_at is null and task_run_key in (select key from task_run where run_key = ?)
  order by task_run_key, token`;

const COUNT_ATTEMPTS = `
  select count(*) as count from attempt where task_run_key in (select key from task_run where run_key = ?)`;

const COUNT_LETTERS = "select count(*) as count from dead_letter where run_key = ? and state = 'open'";
