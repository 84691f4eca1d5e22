import type { PipelineSpec } from "../../../core/manifest.ts";
import type { ProjectLimits } from "../../../core/task-scopes.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import { readAskedRun } from "../checks/asked-run.ts";
import { RunFold } from "../checks/run-fold.ts";
import { checkRunRows } from "../checks/run-rows.ts";
import { type Share, TaskShares } from "../checks/task-shares.ts";
import { Findings } from "../findings.ts";
import type { EndedAttempt } from "./answers.ts";

/** An event, with the place at which its transaction was committed. */
export interface CommittedEvent {
  readonly runKey: number;
  readonly at: number;
  readonly body: EventBody;
  readonly xid: string;
}

export interface HistoryRules {
  readonly pipelineOf: PipelinesByRun;
  readonly limits: ProjectLimits;
}

type PipelinesByRun = (runId: string) => PipelineSpec | undefined;

/**
 * I01, I02, I05, I08, I09, I25, I45: rows and events as they are while nothing is under way, by the checks that the
 * simulator makes after each commit. What a rule decided on is not asked anew: it may have changed since.
 */
export function checkRows(image: SqliteConnection, { pipelineOf }: HistoryRules, findings: Findings): void {
  const events = image.all<{ runKey: number; at: number; body: string }>(SELECT_EVENTS);
  const folds = foldsOf(image, pipelineOf, findings);
  for (const { runKey, at, body } of events) folds.get(runKey)?.add(at, JSON.parse(body));
  for (const [runKey, fold] of folds) {
    fold.judgeDecisions(new Map());
    checkRunRows(image, runKey, fold, findings);
  }
  const strays = image.all<{ runKey: number }>("select run_key as runKey from lease where session_key is null");
  findings.expect(strays.length === 0, "B21", () => `${strays.length} leases are nobody's`);
  const orphans = image.all<{ key: number }>(SELECT_ORPHANS);
  findings.expect(orphans.length === 0, "B21", () => `${orphans.length} leases are of sessions that have ended`);
}

/** I24: in the order of the commits no limit is exceeded; nobody sets one higher than the project does. */
export function checkLimits(
  events: readonly CommittedEvent[],
  image: SqliteConnection,
  { pipelineOf, limits }: HistoryRules,
  findings: Findings,
): void {
  // The order of events within a run is judged elsewhere, as readers see it.
  const folds = foldsOf(image, pipelineOf, new Findings());
  const shares = new TaskShares(limits);
  for (const [index, { runKey, at, body, xid }] of events.entries()) {
    folds.get(runKey)?.add(at, body);
    if (events[index + 1]?.xid === xid) continue;
    for (const { scope, slots, limit = slots } of sharesTaken(folds.values(), shares)) {
      findings.expect(slots <= limit, "I24", () => `${slots} slots of ${scope} are in use, of ${limit}`);
    }
  }
}

function sharesTaken(folds: Iterable<RunFold>, shares: TaskShares): Iterable<Share> {
  const taken = new Map<string, Share>();
  for (const fold of folds) {
    for (const task of fold.tasks.values()) {
      if (task.state !== "running") continue;
      for (const share of shares.of(fold, task)) {
        const slots = (taken.get(share.scope)?.slots ?? 0) + share.slots;
        taken.set(share.scope, { ...share, slots });
      }
    }
  }
  return taken.values();
}

/** Attempts that have ended by now. */
export function endedAttempts(image: SqliteConnection): readonly EndedAttempt[] {
  return image
    .all<Omit<EndedAttempt, "actor"> & { actor: string | null }>(SELECT_ENDED)
    .map(({ actor, ...end }) => ({ ...end, actor: actor ?? undefined }));
}

function foldsOf(image: SqliteConnection, pipelineOf: PipelinesByRun, findings: Findings): Map<number, RunFold> {
  const folds = new Map<number, RunFold>();
  for (const { key, id } of image.all<{ key: number; id: string }>("select key, id from run")) {
    const spec = pipelineOf(id);
    const asked = readAskedRun(image, key);
    if (spec === undefined || asked === undefined) throw new Error(`${id} is of no pipeline of this history.`);
    folds.set(key, new RunFold(id, spec, asked, findings));
  }
  return folds;
}

const SELECT_EVENTS = "select run_key as runKey, at, body from event order by seq";

const SELECT_ORPHANS = `
  select lease.task_run_key as key from lease join session on session.key = lease.session_key
  where session.closed_at is not null`;

const SELECT_ENDED = `
  select task_run.key as taskRunKey, json_extract(event.body, '$.token') as token, json_extract(event.body, '$.to') as "to",
    json_extract(event.body, '$.actor') as actor, attempt.outcome
  from event
    join task_run on task_run.run_key = event.run_key and task_run.task_index = json_extract(event.body, '$.taskIndex')
      and task_run.map_key = json_extract(event.body, '$.mapKey')
    left join attempt on attempt.task_run_key = task_run.key and attempt.token = json_extract(event.body, '$.token')
  where json_extract(event.body, '$.kind') = 'task_state' and json_extract(event.body, '$.from') = 'running'
  order by event.seq`;
