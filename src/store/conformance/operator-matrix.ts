import { describe, expect, test } from "vitest";
import { effectOf, OPERATOR_ACTIONS, type OperatorAction } from "../../core/operator-actions.ts";
import { RUN_STATES, type RunState, TASK_RUN_STATES, type TaskRunState } from "../../core/state.ts";
import type { ActionResult } from "../operator-store.ts";
import type { RunId, TaskRunRecord } from "../store.ts";
import { driveTo, isReachable } from "./operator-states.ts";
import { CANCELLED, Scenario } from "./scenario.ts";
import type { OpenedStore, Subject } from "./subject.ts";

/**
 * Every action on a task run in every state, in a run in every state, wherever there can be such a task run: it does
 * what `core/operator-actions.ts` says or changes no row at all, and its rehearsal says so before.
 */
export function testOperatorMatrix(subject: Subject): void {
  describe.each(RUN_STATES)("in a run that is %s", (runState) => {
    test.each(TASK_RUN_STATES.filter((state) => isReachable(state, runState)))(
      "I07, I38: every action on a task run that is %s does what the table says, or nothing",
      async (state) => {
        await using scenario = await Scenario.begin(subject);
        for (const action of ACTIONS) await tryAction(scenario, { action, state, runState });
      },
    );
  });
}

const ACTIONS = Object.keys(OPERATOR_ACTIONS) as readonly OperatorAction[];

interface Cell {
  readonly action: OperatorAction;
  readonly state: TaskRunState;
  readonly runState: RunState;
}

async function tryAction(scenario: Scenario, cell: Cell): Promise<void> {
  const { action, state, runState } = cell;
  const run = await driveTo(scenario, state, runState);
  const target = await targetOf(scenario, run, cell);
  expect([action, target.state, await scenario.runState(run)]).toEqual([action, state, runState]);
  const before = await dump(scenario.opened);
  const rehearsed = await perform(scenario, run, { ...cell, dryRun: true });
  expect(await dump(scenario.opened), `${action}, rehearsed`).toEqual(before);
  const result = await perform(scenario, run, { ...cell, dryRun: false });
  expect(result, `${action} as rehearsed`).toEqual(rehearsed);
  if (result?.kind === "done") await expectDone(scenario, { run, target, result, cell });
  else expect(await dump(scenario.opened), `${action}, refused`).toEqual(before);
  if (result !== undefined) expect([cell, result.kind]).toEqual([cell, await expectedKind(scenario, cell, before)]);
  await scenario.check();
  await finish(scenario, run);
}

/** `done`, as far as the table alone says it; actions on whole runs depend on the other task runs as well. */
async function expectedKind(
  scenario: Scenario,
  { action, state, runState }: Cell,
  before: unknown,
): Promise<ActionResult["kind"]> {
  const effect = effectOf(action, state);
  if (!OPERATOR_ACTIONS[action].runs.includes(runState)) return "refused";
  if (ABOUT_LETTERS.includes(action)) return effect === "refused" ? "refused" : "done";
  if (ABOUT_RUNS.includes(action)) {
    const isChanged = JSON.stringify(await dump(scenario.opened)) !== JSON.stringify(before);
    const isMarkedAlready = action === `mark_run_${runState}`;
    return isMarkedAlready || (action === "retry_failed" && !isChanged) ? "refused" : "done";
  }
  // An attempt that is asked to stop already is asked again only by a stronger wish.
  const isAsked = action === "cancel" && runState === "cancelling" && state === "running";
  return effect === "stays" || effect === "refused" || isAsked ? "refused" : "done";
}

const ABOUT_RUNS: readonly OperatorAction[] = [
  ...(["cancel_run", "kill_run", "mark_run_success", "mark_run_failed", "retry", "retry_failed"] as const),
];
const ABOUT_LETTERS: readonly OperatorAction[] = ["replay", "resolve", "assign"];

interface Done {
  readonly run: RunId;
  readonly target: TaskRunRecord;
  readonly result: Extract<ActionResult, { kind: "done" }>;
  readonly cell: Cell;
}

/** The task run did what the table says, with an edge of its own, and whatever moved is named in the answer. */
async function expectDone(scenario: Scenario, { run, target, result, cell }: Done): Promise<void> {
  const { action, state } = cell;
  const effect = effectOf(action, state);
  const reached = await statesReached(scenario, run, target);
  const after = await targetOf(scenario, run, cell);
  const named = result.taskRuns.find(({ task, mapKey }) => task === "target" && mapKey === target.mapKey);
  const isAsked = action === "cancel_run" && cell.runState === "cancelling";
  if (effect === "stops")
    expect(isAsked ? { from: "running", to: "running" } : named).toMatchObject({ from: "running", to: "running" });
  else if (effect === "stays" && !mayFollow(cell)) expect([cell, after]).toEqual([cell, target]);
  else if (effect !== "stays") {
    expect([cell, reached.includes(effect)]).toEqual([cell, true]);
    expect([cell, named]).toMatchObject([cell, { from: state, to: after.state }]);
  }
  const rows = await scenario.store.taskRuns(run);
  for (const { task, mapKey, to } of result.taskRuns) {
    const row = rows.find((candidate) => scenario.nameOf(candidate) === task && candidate.mapKey === mapKey);
    expect([task, mapKey, row?.state]).toEqual([task, mapKey, to]);
  }
  for (const { runId, to } of result.runs) expect(await scenario.runState(runId)).toBe(to);
}

/** What hangs on a task that failed is run again with it, and so is an item that has vanished with its map (DM-4). */
function mayFollow({ action, state }: Cell): boolean {
  return action === "retry_failed" || (action === "retry" && state === "removed");
}

/** Of a map that has lost an item, that item. */
async function targetOf({ store }: Scenario, run: RunId, { state }: Pick<Cell, "state">): Promise<TaskRunRecord> {
  const rows = await store.taskRuns(run, { taskIndexes: [TARGET] });
  const target = rows.find(({ mapKey }) => mapKey === mapKeyOf({ state }));
  if (target === undefined) throw new Error(`${run} has no such target`);
  return target;
}

function mapKeyOf({ state }: Pick<Cell, "state">): string {
  return state === "removed" ? "1" : "";
}

async function statesReached(scenario: Scenario, run: RunId, target: TaskRunRecord): Promise<readonly string[]> {
  return (await scenario.events(run)).flatMap(({ body }) =>
    body.kind === "task_state" && body.taskIndex === TARGET && body.mapKey === target.mapKey ? [body.to] : [],
  );
}

async function perform(
  { store, opened }: Scenario,
  run: RunId,
  { action, state, dryRun }: Cell & { readonly dryRun: boolean },
): Promise<ActionResult | undefined> {
  const by = { run, actor: "anna", dryRun };
  const tasks = [state === "removed" ? { name: "target", mapKey: mapKeyOf({ state }) } : { name: "target" }];
  switch (action) {
    case "clear":
      return store.clear({ ...by, tasks });
    case "mark_success":
    case "mark_failed":
      return store.mark({ ...by, tasks, as: action === "mark_success" ? "success" : "failed" });
    case "mark_run_success":
    case "mark_run_failed":
      return store.mark({ ...by, as: action === "mark_run_success" ? "success" : "failed" });
    case "cancel":
    case "kill":
      return store.stop({ ...by, tasks, how: action });
    case "cancel_run":
    case "kill_run":
      return store.stop({ ...by, how: action === "cancel_run" ? "cancel" : "kill" });
    case "retry":
    case "retry_failed":
      return store.retry({ ...by, which: action === "retry" ? "all" : "failed" });
    default:
      return actOnLetter(opened, store, { run, action, dryRun });
  }
}

/** On the newest letter of the task run; undefined when it never had one. */
async function actOnLetter(
  opened: OpenedStore,
  store: Scenario["store"],
  { run, action, dryRun }: { readonly run: RunId; readonly action: OperatorAction; readonly dryRun: boolean },
): Promise<ActionResult | undefined> {
  const letters = await opened.rows(`
    select dead_letter.key from dead_letter join task_run on task_run.key = dead_letter.task_run_key
      join run on run.key = dead_letter.run_key
    where run.id = '${run}' and task_run.task_index = ${TARGET} order by dead_letter.key desc`);
  const id = Number(letters[0]?.key);
  if (Number.isNaN(id)) return undefined;
  const request = { project: "shop", ids: [id], actor: "anna", dryRun };
  if (action === "replay") return store.replayDeadLetters(request);
  if (action === "resolve") return store.resolveDeadLetters({ ...request, note: "the source was empty" });
  return store.assignDeadLetters({ ...request, to: "bert" });
}

const TARGET = 1;

/** Leaves nothing that the next run's claims would take. */
async function finish(scenario: Scenario, run: RunId): Promise<void> {
  await scenario.store.stop({ run, how: "kill", actor: "tester" });
  const leases = await scenario.store.leasesOf(scenario.session);
  const completions = leases.map(({ taskRunKey, token }) => {
    return { taskRunKey, token, session: scenario.session, result: CANCELLED };
  });
  await scenario.store.completeAndClaim(completions, undefined);
}

/** Every row that an action could change. */
async function dump({ rows }: OpenedStore): Promise<readonly unknown[]> {
  const tables: unknown[] = [];
  for (const table of TABLES) tables.push(await rows(`select * from ${table} order by 1, 2`));
  return tables;
}

const TABLES = [
  "run",
  "task_run",
  "ready",
  "waiting",
  "lease",
  "attempt",
  "output",
  "event",
  "dead_letter",
  "audit",
  "timer",
  "child_run",
  "lease_scope",
];
