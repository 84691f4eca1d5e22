import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Heard } from "../cluster/heard.ts";
import type { Findings } from "../findings.ts";
import { type JudgedAttempt, judgeRun } from "../reference/judge-run.ts";
import type { ActionPlan } from "../workload/scenario.ts";
import { rowsOfRun, statesOf } from "./rows-of-run.ts";
import { type FoldedTask, type RunFold, statesAfter } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";
import { groupsAround } from "./task-shares.ts";

/** When everything has come to an end: outcomes against the reference, and nothing left over. */
export function checkOutcomes(db: SqliteConnection, folds: ReadonlyMap<number, RunFold>, findings: Findings): void {
  for (const [runKey, fold] of folds) {
    const attempts = db.all<AttemptOnDisk>(SELECT_ATTEMPTS, runKey);
    const { judged } = rowsOfRun(db, fold);
    const tasks = [...fold.tasks.values()].map((task) => {
      const { verdict, counts } = judged.get(nameOf(task)) ?? {};
      const upstream = counts === undefined ? [] : statesOf(counts);
      return {
        ...task,
        ...{ verdict, upstream, decided: verdict === undefined ? [] : statesAfter(task.spec, verdict, upstream) },
        isOutdated: task.basis !== undefined && task.basis !== fold.basisOf(task),
        isOfRetriedGroup: groupsAround(fold.spec, task.spec.group).some(({ retries }) => retries !== undefined),
        attempts: attemptsOf(task, attempts),
      };
    });
    const { state, stopped, wasEndedByHand } = fold;
    const contradictions = judgeRun({ state: String(state), stopped, wasEndedByHand, tasks });
    for (const sentence of contradictions) findings.add("I13", `${fold.id}: ${sentence}`);
  }
}

/** I25, I40: engines that were stopped in good order hold nothing any more. */
export function checkNothingIsLeft(db: SqliteConnection, stopped: readonly string[], findings: Findings): void {
  const open = db.all<{ id: string }>("select id from session where closed_at is null").map(({ id }) => id);
  const left = open.filter((id) => stopped.includes(id));
  findings.expect(left.length === 0, "I25", () => `stopped, but their sessions are open: ${left.join(", ")}`);
  for (const { what, count } of db.all<{ what: string; count: number }>(COUNT_LEFT_OVERS)) {
    findings.expect(count === 0, "I25", () => `${count} rows are left in ${what} after the end`);
  }
}

/** I34, I38: what a person was told has happened, once, with one audit row. */
export function checkAnswers(
  db: SqliteConnection,
  actions: readonly ActionPlan[],
  heard: ReadonlyMap<string, Heard>,
  findings: Findings,
): void {
  for (const { name, kind, run } of actions) {
    const answer = heard.get(name);
    // What became of backfills is checked apart.
    if (kind === "backfill" || kind === "backfill_act") continue;
    if (kind === "create") {
      const runs = db.get<{ count: number }>("select count(*) as count from run where id = ?", run)?.count;
      findings.expect(answer !== "done" || runs === 1, "I34", () => `${run} was acknowledged, and is not there`);
      continue;
    }
    const audits = db.get<{ count: number }>("select count(*) as count from audit where actor = ?", name)?.count ?? 0;
    const events = db.get<{ count: number }>(COUNT_EVENTS_OF_ACTOR, name)?.count ?? 0;
    // A try that was slow may have found what the last one did not.
    const isRight =
      answer === "refused" && kind !== "limit" ? audits === 0 && events === 0 : audits === 1 || events === 0;
    findings.expect(
      // A try of a resume that was slow may have found the pipeline paused anew.
      isRight && (audits <= 1 || kind === "limit" || kind === "resume"),
      "I38",
      () => `${name}, heard as ${answer}, left ${audits} audit rows and ${events} events`,
    );
  }
}

interface AttemptOnDisk extends JudgedAttempt {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly generation: number;
}

function attemptsOf(task: FoldedTask, attempts: readonly AttemptOnDisk[]): readonly JudgedAttempt[] {
  return attempts.filter(
    ({ taskIndex, mapKey, generation }) =>
      taskIndex === task.taskIndex && mapKey === task.mapKey && generation === task.generation,
  );
}

const SELECT_ATTEMPTS = `
  select task_index as taskIndex, map_key as mapKey, attempt.generation, attempt.outcome,
    json_extract(attempt.failure, '$.reason') as reason
  from task_run join attempt on attempt.task_run_key = task_run.key where run_key = ? order by attempt.token`;

const COUNT_LEFT_OVERS = `
  select 'lease' as what, count(*) as count from lease
  union all select 'ready', count(*) from ready
  union all select 'waiting', count(*) from waiting`;

const COUNT_EVENTS_OF_ACTOR = "select count(*) as count from event where json_extract(body, '$.actor') = ?";
