import { expect } from "vitest";
import type { PipelineSpec } from "../../core/manifest.ts";
import { canMove, canRunMove, isFinished, isRunFinished, type TaskRunState } from "../../core/state.ts";
import type { EventBody } from "../event-body.ts";
import type { EventRecord, RunRecord, TaskRunRecord } from "../store.ts";
import type { OpenedStore } from "./subject.ts";
import { recountUpstream } from "./upstream-recount.ts";

/** What must hold after every committed transaction, recounted here from the rows alone, without core's functions. */
export async function checkInvariants(opened: OpenedStore): Promise<void> {
  const { store } = opened;
  await opened.eventsReadable();
  const runs = await store.runs({ limit: 100_000 });
  const taskRuns = (await Promise.all(runs.map((run) => store.taskRuns(run.id)))).flat();
  const { events } = await store.events({ limit: 1_000_000 });
  await checkMirrors(opened, taskRuns);
  await checkShares(opened);
  await checkAttempts(opened, taskRuns);
  for (const run of runs) {
    const version = await store.version(run.versionHash);
    const spec = version?.manifest.pipelines.find(({ name }) => name === run.pipeline);
    if (spec === undefined) throw new Error(`No pipeline for ${run.id}`);
    const rows = taskRuns.filter(({ runId }) => runId === run.id);
    checkRunCounts(run, rows, spec);
    checkUpstreamCounts(rows, spec);
    checkFold(run, rows, events);
    await checkDeadLetters(opened, rows, spec);
  }
}

/** `ready` mirrors queued, `waiting` retrying and deferred, `watch` what of that are sensors, `lease` running, with one lease at most and the row's own token (I01, I25). */
async function checkMirrors({ rows }: OpenedStore, taskRuns: readonly TaskRunRecord[]): Promise<void> {
  const ready = await rows("select task_run_key, lane_id, queued_at from ready order by task_run_key");
  const queued = taskRuns.filter(({ state }) => state === "queued");
  expect(ready.map((row) => [row.task_run_key, row.lane_id, row.queued_at])).toEqual(
    byKey(queued).map(({ key, laneId, queuedAt }) => [key, laneId, queuedAt]),
  );
  const waiting = await rows("select task_run_key, due_at from waiting order by task_run_key");
  const retrying = taskRuns.filter(({ state }) => state === "retrying" || state === "deferred");
  expect(waiting.map((row) => [row.task_run_key, row.due_at])).toEqual(
    byKey(retrying).map(({ key, dueAt }) => [key, dueAt ?? null]),
  );
  const watches = await rows("select task_run_key, generation from watch order by task_run_key");
  const watching = taskRuns.filter(({ state, reason }) => state === "deferred" && reason === "sensor");
  expect(watches.map((row) => [row.task_run_key, row.generation])).toEqual(
    byKey(watching).map(({ key, generation }) => [key, generation]),
  );
  const leases = await rows("select task_run_key, token, lane_id from lease order by task_run_key");
  const running = taskRuns.filter(({ state }) => state === "running");
  expect(leases.map((row) => [row.task_run_key, row.token, row.lane_id])).toEqual(
    byKey(running).map(({ key, token, laneId }) => [key, token, laneId]),
  );
}

/**
 * Slots in use are those of live leases, each with the shares of its lane and none else (I25), and of attempts that wait
 * where their scope counts those (CC-1).
 */
async function checkShares({ rows }: OpenedStore): Promise<void> {
  const held = await rows("select scope_id, task_run_key, weight from lease_scope order by scope_id, task_run_key");
  const due = await rows(`
    select scope.id as scope_id, lease.task_run_key, lane_scope.weight
    from lease join lane_scope on lane_scope.lane_id = lease.lane_id join scope on scope.id = lane_scope.scope_id
    where scope.rate_limit is null
    union all
    select scope.id, task_run.key, lane_scope.weight
    from task_run join attempt on attempt.task_run_key = task_run.key and attempt.finished_at is null
      join lane_scope on lane_scope.lane_id = task_run.lane_id join scope on scope.id = lane_scope.scope_id
    where task_run.state = 'deferred' and scope.rate_limit is null and cast(scope.count_deferred as integer) = 1
    order by 1, 2`);
  expect(held).toEqual(due);
}

/** One attempt for each claim, and open ones for what runs, or waits within an attempt, alone (I04, I05). */
async function checkAttempts({ rows }: OpenedStore, taskRuns: readonly TaskRunRecord[]): Promise<void> {
  const open = await rows("select task_run_key, token from attempt where finished_at is null order by task_run_key");
  const running = byKey(
    taskRuns.filter(
      ({ state, reason }) => state === "running" || (state === "deferred" && reason !== "past" && reason !== "sensor"),
    ),
  );
  expect(open.map((row) => [row.task_run_key, row.token])).toEqual(running.map(({ key, token }) => [key, token]));
  const counted = await rows(
    "select task_run_key, count(*) as claims, max(token) as token from attempt group by task_run_key order by task_run_key",
  );
  const claimed = byKey(taskRuns.filter(({ token }) => token > 0));
  expect(counted.map((row) => [row.task_run_key, Number(row.claims), row.token])).toEqual(
    claimed.map(({ key, token }) => [key, token, token]),
  );
}

/** Counts of a run equal a recount, and it is finished iff all its task runs are (I12, I45, RS-2). */
function checkRunCounts(run: RunRecord, rows: readonly TaskRunRecord[], spec: PipelineSpec): void {
  const failing = rows.filter(
    ({ state, taskIndex }) =>
      (state === "failed" || state === "cancelled") && spec.tasks[taskIndex]?.allowFailure === false,
  );
  expect(run.failing).toBe(failing.length);
  expect(run.unfinished).toBe(rows.filter(({ state }) => !isFinished(state)).length);
  expect(isRunFinished(run.state)).toBe(run.unfinished === 0);
  expect(run.finishedAt !== undefined).toBe(isRunFinished(run.state));
}

/** Counts of upstream outcomes and gates equal a recount from the rows (I45). */
function checkUpstreamCounts(rows: readonly TaskRunRecord[], spec: PipelineSpec): void {
  for (const { row, counts } of recountUpstream(rows, spec)) {
    expect({ task: row.taskIndex, mapKey: row.mapKey, ...row.upstream }).toEqual({
      ...{ task: row.taskIndex, mapKey: row.mapKey },
      ...counts,
    });
  }
}

/** The state of every row is the fold of its events, each of which follows a published edge, in order (I08, I09). */
function checkFold(run: RunRecord, rows: readonly TaskRunRecord[], events: readonly EventRecord[]): void {
  let runState: string | null = null;
  const folded = new Map<string, Folded>();
  for (const { runId, body } of events) {
    if (runId !== run.id) continue;
    if (body.kind === "run_state") {
      expect(body.from).toBe(runState);
      if (body.from !== null) expect([body.from, body.to, canRunMove(body.from, body.to)]).toContain(true);
      runState = body.to;
    }
    if (body.kind === "mapped") foldItems(folded, body);
    if (body.kind === "task_state") foldMove(folded, body);
  }
  expect(runState).toBe(run.state);
  for (const { taskIndex, mapKey, state, generation, attempt, token } of rows) {
    const last = folded.get(`${taskIndex}/${mapKey}`) ?? FIRST;
    expect({ taskIndex, mapKey, state, generation, attempt, token }).toEqual({ taskIndex, mapKey, ...last });
  }
}

interface Folded {
  readonly state: TaskRunState;
  readonly generation: number;
  readonly attempt: number;
  readonly token: number;
}

const FIRST: Folded = { state: "scheduled", generation: 1, attempt: 0, token: 0 };

function foldItems(folded: Map<string, Folded>, body: Extract<EventBody, { kind: "mapped" }>): void {
  for (let item = body.from; item < body.to; item++) {
    const path = body.mapKey === "" ? String(item) : `${body.mapKey}.${item}`;
    folded.set(`${body.taskIndex}/${path}`, { ...FIRST, state: body.begin });
  }
}

function foldMove(folded: Map<string, Folded>, body: Extract<EventBody, { kind: "task_state" }>): void {
  const place = `${body.taskIndex}/${body.mapKey}`;
  const before = folded.get(place) ?? FIRST;
  expect(body.from).toBe(before.state);
  expect([body.from, body.to, canMove(body.from, body.to)]).toContain(true);
  if (body.to === "running") expect([body.attempt, body.token]).toEqual([before.attempt + 1, before.token + 1]);
  else expect(body.token).toBe(before.token);
  const { to: state, generation, attempt, token } = body;
  folded.set(place, { state, generation, attempt, token });
}

/** A dead letter, open or resolved, for each task run that has failed for good, and none open for any else (ST-4, ST-7). */
async function checkDeadLetters(opened: OpenedStore, rows: readonly TaskRunRecord[], spec: PipelineSpec) {
  const keys = new Set(rows.map(({ key }) => key));
  const letters = await opened.rows(
    `select task_run_key, dead_letter.generation, dead_letter.state from dead_letter
     join task_run on task_run.key = task_run_key and task_run.generation = dead_letter.generation
     where dead_letter.state <> 'replayed'`,
  );
  const kept = letters.filter((letter) => keys.has(Number(letter.task_run_key)));
  const failed = rows.filter(
    ({ state, taskIndex }) => state === "failed" && spec.tasks[taskIndex]?.allowFailure === false,
  );
  const final = failed.filter((row) => !groupHasAttempts(row, rows, spec));
  const pairs = kept.map((letter) => [letter.task_run_key, letter.generation]);
  const open = await opened.rows("select task_run_key, generation from dead_letter where state = 'open'");
  const openPairs = open.filter((letter) => keys.has(Number(letter.task_run_key)));
  expect(pairs).toEqual(expect.arrayContaining(openPairs.map((letter) => [letter.task_run_key, letter.generation])));
  const pairsOf = (dead: readonly TaskRunRecord[]) => dead.map(({ key, generation }) => [key, generation]);
  expect(pairs).toEqual(expect.arrayContaining(pairsOf(final)));
  expect(pairsOf(failed)).toEqual(expect.arrayContaining(pairs));
}

/** A group around it has attempts left: the failure is none of its own, unless a person has stopped all of it (GR-1). */
function groupHasAttempts(
  { taskIndex, mapKey }: TaskRunRecord,
  rows: readonly TaskRunRecord[],
  spec: PipelineSpec,
): boolean {
  for (let group = spec.tasks[taskIndex]?.group; group !== undefined; group = spec.groups?.[group]?.parent) {
    const { end, retries } = spec.groups?.[group] ?? {};
    const row = rows.find((candidate) => candidate.taskIndex === end && mapKey.startsWith(candidate.mapKey));
    if (row === undefined) continue;
    if ((row.decision?.failedAttempts ?? 0) < (retries?.limit ?? 0)) return true;
  }
  return false;
}

function byKey(rows: readonly TaskRunRecord[]): readonly TaskRunRecord[] {
  return [...rows].sort((one, other) => one.key - other.key);
}
