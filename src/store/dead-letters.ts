import { effectOf, OPERATOR_ACTIONS, runRefusal, taskRunRefusal } from "../core/operator-actions.ts";
import { actionReport } from "./action-report.ts";
import { blockedBelow, carryOut } from "./carry-out.ts";
import { nameOf } from "./choose-task-runs.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import type { ActionResult, DeadLetterRequest } from "./operator-store.ts";
import { PipelinePlaces } from "./pipeline-places.ts";
import type { DeadLetterRow, RunRow, TaskRunRow } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

export type LetterAction =
  | { readonly kind: "replay" }
  | { readonly kind: "resolve"; readonly note: string }
  | { readonly kind: "assign"; readonly to: string | null };

/** Replays, resolves or assigns open dead letters, all of them or none (ST-7). */
export async function actOnDeadLetters(
  tx: Transaction,
  pipelines: CompiledPipelines,
  request: DeadLetterRequest,
  action: LetterAction,
): Promise<ActionResult> {
  await tx.closeClaimGate();
  const ids = [...new Set(request.ids)];
  const letters = await tx.deadLettersById(request.project, ids);
  const missing = ids.find((id) => letters.every((letter) => letter.id !== id));
  if (missing !== undefined) return { kind: "not_found", message: `There is no dead letter ${missing}.` };
  const places = await PipelinePlaces.of(
    tx,
    letters.map(({ pipeline }) => ({ project: request.project, pipeline })),
  );
  const runs = await tx.lockRunsOf(letters.map(({ taskRunKey }) => taskRunKey));
  // Read again under the locks: a clear may have replayed one meanwhile.
  const locked = await tx.deadLettersById(request.project, ids);
  const closed = locked.find(({ state }) => state !== "open");
  if (closed !== undefined) return { kind: "refused", message: closedAlready(closed) };
  const set = await lockedSet(tx, pipelines, runs);
  for (const run of runs) {
    const ofRun = locked.filter(({ runKey }) => runKey === run.key);
    const refusal = await actOnRun(tx, set, run, { letters: ofRun, request, action, places });
    if (refusal !== undefined) return { kind: "refused", message: refusal };
  }
  await endRuns(tx, set);
  const changes = set.changes();
  await tx.apply(changes);
  return { ...actionReport(set, changes), deadLetters: ids };
}

interface Acted {
  readonly letters: readonly DeadLetterRow[];
  readonly request: DeadLetterRequest;
  readonly action: LetterAction;
  readonly places: PipelinePlaces;
}

/** Why it cannot be; undefined when it is decided. */
async function actOnRun(
  tx: Transaction,
  set: WorkingSet,
  run: RunRow,
  { letters, request: { actor }, action, places }: Acted,
): Promise<string | undefined> {
  const refusal = runRefusal(action.kind, run);
  if (refusal !== undefined) return refusal;
  set.addTaskRuns([], await tx.taskRunsOfRun(run.id, {}));
  const keys = letters.map(({ taskRunKey }) => taskRunKey);
  const rows = set.taskRunsOf(run.key).filter(({ key }) => keys.includes(key));
  const refused = rows.find(({ state }) => OPERATOR_ACTIONS[action.kind].taskRuns[state] === "refused");
  if (refused !== undefined) return taskRunRefusal(nameOf(set, refused), refused.state, run.id);
  if (action.kind === "resolve") {
    for (const row of rows) set.closeDeadLetter(row, { state: "resolved", by: actor, note: action.note });
  } else if (action.kind === "assign") for (const row of rows) set.assignDeadLetter(row, action.to, actor);
  else await replay(tx, set, run, { rows, actor, places });
  const details = JSON.stringify({ ...action, deadLetters: letters.map(({ id }) => id) });
  set.audit({ project: run.project, actor, action: action.kind, runKey: run.key, details });
  return undefined;
}

interface Replayed {
  readonly rows: readonly TaskRunRow[];
  readonly actor: string;
  readonly places: PipelinePlaces;
}

async function replay(tx: Transaction, set: WorkingSet, run: RunRow, { rows, ...by }: Replayed): Promise<void> {
  const cleared = [...rows, ...blockedBelow(set, run.key, rows)].filter(
    ({ state }) => effectOf("clear", state) === "scheduled",
  );
  const effects = new Map(cleared.map(({ key }) => [key, "scheduled"] as const));
  await carryOut(tx, set, { runKey: run.key, effects, openLetters: new Set(rows.map(({ key }) => key)), ...by });
}

function closedAlready({ id, state, closedBy }: DeadLetterRow): string {
  return `Dead letter ${id} is not open any more: ${state}${closedBy === null ? "" : ` by ${closedBy}`}.`;
}
