import type { Instant } from "../core/instant.ts";
import { waitsInAttempt } from "../core/past-wait.ts";
import { startAfter } from "../core/run-admission.ts";
import type { RunDecision } from "../core/run-decision.ts";
import { countsAsFailing, decideRunOutcome } from "../core/run-outcome.ts";
import { isWatching } from "../core/sensors/sensor-wait.ts";
import { canMove, canRunMove, isFinished, isRunFinished, type RunState, type TaskRunState } from "../core/state.ts";
import type { StopRequest } from "../core/stop-request.ts";
import type { UpstreamCounts } from "../core/trigger-rule.ts";
import type { AssetMade } from "./asset-rows.ts";
import {
  type AttemptEnd,
  type AuditInsert,
  type CacheInsert,
  type Changes,
  type DeadLetterAssigned,
  type DeadLetterClosed,
  type EventInsert,
  endedShares,
  type OutputInsert,
  type TaskRunMove,
  type TimerClear,
} from "./changes.ts";
import { countColumns, sameCounts } from "./count-columns.ts";
import { CursorMoves } from "./cursor-moves.ts";
import type { EventBody } from "./event-body.ts";
import type { TaskRunRow } from "./rows.ts";
import { RowsInWork, type RunInWork } from "./rows-in-work.ts";
import type { RunId } from "./store.ts";
import { Timers } from "./timers.ts";
import { Watches } from "./watches.ts";

/**
 * The rows one transaction has locked and read, and what has been decided on them so far. It moves states along the
 * published edges only, keeps the counts of the runs, and notes one event for each change, in order. It decides
 * nothing and does no I/O; in the end `changes()` says what to write.
 */
export class WorkingSet extends RowsInWork {
  readonly now: Instant;
  readonly cursors = new CursorMoves();
  readonly #events: EventInsert[] = [];
  readonly #attempts: AttemptEnd[] = [];
  readonly #stops = new Map<number, StopRequest>();
  /** By task run. */
  readonly #outputs = new Map<number, OutputInsert>();
  readonly #outputsCleared: number[] = [];
  readonly #deadLettersOpened: { taskRunKey: number; runKey: number; generation: number }[] = [];
  readonly #deadLettersClosed: DeadLetterClosed[] = [];
  readonly #deadLettersAssigned: DeadLetterAssigned[] = [];
  readonly #audits: AuditInsert[] = [];
  readonly #cached = new Map<string, CacheInsert>();
  readonly #assetsMade: AssetMade[] = [];
  readonly #timers: Timers;
  readonly #watches: Watches;

  constructor(now: Instant) {
    super();
    this.now = now;
    this.#timers = new Timers(now);
    this.#watches = new Watches(now);
  }

  /** A task run that begins in this transaction. */
  create(row: TaskRunRow): void {
    this.addEntry({ before: undefined, after: row });
    const run = this.run(row.runKey);
    const { taskCount, unfinished } = run.after;
    run.after = { ...run.after, taskCount: taskCount + 1, unfinished: unfinished + Number(!isFinished(row.state)) };
    this.#timers.onTaskRun(row, "scheduled", this.taskSpec(row));
    if (isWatching(row)) this.#watches.begin(row, this.taskSpec(row), run.after.project);
  }

  setCounts(key: number, counts: UpstreamCounts): void {
    const entry = this.entry(key);
    if (!sameCounts(entry.after, counts)) entry.after = { ...entry.after, ...countColumns(counts) };
  }

  /** What was decided for a task run that stays in its state. */
  decide(key: number, decision: RunDecision): void {
    const entry = this.entry(key);
    entry.after = { ...entry.after, decision: JSON.stringify(decision) };
  }

  /** One edge of one task run; `patch` holds what else changes with it. */
  move(key: number, to: TaskRunState, patch: MovePatch = {}): TaskRunRow {
    const entry = this.entry(key);
    const { actor, message, counts, ...columns } = patch;
    const before = entry.after;
    const from = before.state;
    if (!canMove(from, to)) throw new Error(`No task run moves from ${from} to ${to} (task run ${key})`);
    const after = {
      ...entry.after,
      ...(counts && countColumns(counts)),
      ...this.#timesOf(entry.after, to),
      reason: null,
      ...columns,
      state: to,
    };
    entry.after = after;
    this.#countMove(after, from);
    if (waitsInAttempt(before)) this.#endWait(after);
    if (isWatching(before)) this.#watches.end(before);
    if (isWatching(after)) this.#watches.begin(after, this.taskSpec(after), this.run(after.runKey).after.project);
    this.#timers.onTaskRun(after, from, this.taskSpec(after));
    this.note(after.runKey, {
      kind: "task_state",
      taskIndex: after.taskIndex,
      mapKey: after.mapKey,
      from,
      to,
      generation: after.generation,
      attempt: after.attempt,
      token: after.token,
      ...(after.reason === null ? {} : { reason: after.reason }),
      ...(message === undefined ? {} : { message }),
      ...(actor === undefined ? {} : { actor }),
      ...(to === "retrying" && after.dueAt !== null ? { dueAt: after.dueAt } : {}),
    });
    return after;
  }

  moveRun(key: number, to: RunState, why: { readonly reason?: string; readonly actor?: string } = {}): void {
    const run = this.run(key);
    const from = run.after.state;
    if (!canRunMove(from, to)) throw new Error(`No run moves from ${from} to ${to} (run ${run.after.id})`);
    const finishedAt = isRunFinished(to) ? this.now : null;
    const startedAt = startAfter(to, run.after.startedAt, this.now);
    run.after = { ...run.after, state: to, startedAt, finishedAt, reason: why.reason ?? null };
    this.#timers.onRun(run.after, from, run.pipeline.spec);
    this.note(key, { kind: "run_state", from, to, ...why });
  }

  /** A run that waits for something else than a place takes the next one that is free. */
  awaitPlace(key: number): void {
    const run = this.run(key);
    if (run.after.reason !== null) run.after = { ...run.after, reason: null };
  }

  /** Ends the runs whose task runs have all finished (RS-1, RS-2); gives those that ended now. */
  finishRuns(): readonly { readonly runId: RunId; readonly state: RunState }[] {
    return this.runs().flatMap(({ after }) => {
      if (isRunFinished(after.state) || (after.state === "queued" && after.unfinished > 0)) return [];
      // Nothing is left of it that needs a place.
      if (after.state === "queued") this.moveRun(after.key, "running");
      const { unfinished, failing, state, reason } = after;
      const outcome = decideRunOutcome({ unfinished, failing, cancelling: state === "cancelling", reason });
      if (outcome === undefined) return [];
      this.moveRun(after.key, outcome, reason === null ? {} : { reason });
      return [{ runId: after.id, state: outcome }];
    });
  }

  /** One that has a deadline. */
  noteMade(made: AssetMade): void {
    this.#assetsMade.push(made);
  }

  note(runKey: number, body: EventBody): void {
    this.#events.push({ runKey, body });
  }

  endAttempt(end: AttemptEnd): void {
    this.#attempts.push(end);
  }

  /** For a running attempt, which goes on until its session has stopped it. */
  requestStop(taskRunKey: number, stop: StopRequest): void {
    this.#stops.set(taskRunKey, stop);
  }

  /** A deadline that has come. */
  endTimer({ runKey, taskRunKey, kind }: Required<TimerClear>): void {
    this.#timers.end({ runKey, taskRunKey, kind });
  }

  keepOutput(output: OutputInsert): void {
    this.#outputs.set(output.taskRunKey, output);
  }

  /** Of several results for one key the last one is kept. */
  keepForCache(entry: CacheInsert): void {
    this.#cached.set(JSON.stringify([entry.project, entry.key]), entry);
  }

  /** The value that this transaction gives a task run, of which the database does not know yet. */
  unwrittenOutput(taskRunKey: number): OutputInsert | undefined {
    return this.#outputs.get(taskRunKey);
  }

  /** Of a value given in the same transaction, too: the last member of a group that is tried again has just ended. */
  clearOutput(taskRunKey: number): void {
    this.#outputs.delete(taskRunKey);
    this.#outputsCleared.push(taskRunKey);
  }

  /** One dead letter and one alert, with the final failure that is their cause (ST-4). */
  openDeadLetter({ key, runKey, taskIndex, mapKey, generation }: TaskRunRow): void {
    this.#deadLettersOpened.push({ taskRunKey: key, runKey, generation });
    this.note(runKey, { kind: "dead_letter", taskIndex, mapKey, generation, state: "open" });
    this.note(runKey, { kind: "alert_due", taskIndex, generation });
  }

  /** Task runs of a run for which dead letters were opened here. */
  finalFailures(runKey: number): readonly TaskRunRow[] {
    const opened = this.#deadLettersOpened.filter((letter) => letter.runKey === runKey);
    return opened.flatMap(({ taskRunKey }) => this.taskRun(taskRunKey) ?? []);
  }

  /** It has to be open. */
  closeDeadLetter(
    { key, runKey, taskIndex, mapKey, generation }: TaskRunRow,
    closed: Omit<DeadLetterClosed, "taskRunKey">,
  ): void {
    const { state, by } = closed;
    this.#deadLettersClosed.push({ taskRunKey: key, ...closed });
    this.note(runKey, { kind: "dead_letter", taskIndex, mapKey, generation, state, actor: by });
  }

  /** It has to be open; null takes it back. */
  assignDeadLetter({ key, runKey, taskIndex, mapKey, generation }: TaskRunRow, to: string | null, actor: string): void {
    this.#deadLettersAssigned.push({ taskRunKey: key, to });
    this.note(runKey, {
      kind: "dead_letter",
      taskIndex,
      mapKey,
      generation,
      state: "open",
      assignedTo: to,
      actor,
    });
  }

  audit(audit: AuditInsert): void {
    this.#audits.push(audit);
  }

  changes(): Changes {
    const touched = this.entries().filter(({ before, after }) => before !== after);
    const existing = touched.filter((entry): entry is TaskRunMove => entry.before !== undefined);
    const moves = existing.filter(hasMoved);
    return {
      moves,
      made: touched.filter(({ before }) => before === undefined).map(({ after }) => after),
      counts: existing.filter((entry) => !hasMoved(entry)).map(({ after }) => ({ key: after.key, counts: after })),
      runs: this.runs().flatMap(runChange),
      attempts: this.#attempts,
      stops: this.#stopChanges(),
      ...endedShares(moves.filter(({ before }) => this.#isLimited(before))),
      outputs: [...this.#outputs.values()],
      outputsCleared: this.#outputsCleared,
      deadLettersOpened: this.#deadLettersOpened,
      cached: [...this.#cached.values()],
      assetsMade: this.#assetsMade,
      cursors: this.cursors.all,
      timersBegun: this.#timers.begun,
      timersEnded: this.#timers.ended,
      watchesBegun: this.#watches.begun,
      watchesEnded: this.#watches.ended,
      deadLettersClosed: this.#deadLettersClosed,
      deadLettersAssigned: this.#deadLettersAssigned,
      events: this.#events,
      audits: this.#audits,
    };
  }

  /** A wait within an attempt ends with it, whatever ended it. */
  #endWait({ key: taskRunKey, token, state, failure }: TaskRunRow): void {
    const outcome = state === "success" || state === "skipped" || state === "cancelled" ? state : "failed";
    this.endAttempt({ taskRunKey, token, outcome, failure, cpuMs: null, peakMemoryBytes: null });
  }

  /** A lease that ends in the same transaction needs none. */
  #stopChanges(): Changes["stops"] {
    return [...this.#stops].flatMap(([taskRunKey, stop]) =>
      this.taskRun(taskRunKey)?.state === "running"
        ? [{ taskRunKey, kind: stop.kind, stop: JSON.stringify(stop) }]
        : [],
    );
  }

  #isLimited({ runKey, taskIndex }: TaskRunRow): boolean {
    const { after, pipeline } = this.run(runKey);
    return after.backfill !== null || pipeline.isLimited[taskIndex] === true;
  }

  #timesOf(row: TaskRunRow, to: TaskRunState): Pick<TaskRunRow, "dueAt" | "finishedAt"> & Partial<TaskRunRow> {
    const finishedAt = isFinished(to) ? this.now : null;
    return to === "queued" ? { dueAt: null, finishedAt, queuedAt: this.#turnOf(row) } : { dueAt: null, finishedAt };
  }

  /** Members of a mapped group keep the turn of their item, so that one item comes to its end before the next begins (DM-3). */
  #turnOf({ runKey, taskIndex, queuedAt }: TaskRunRow): Instant {
    const { levels } = this.run(runKey).pipeline.graph;
    return queuedAt !== null && levels.awaitsGroup(taskIndex, 0) ? queuedAt : this.now;
  }

  #countMove(row: TaskRunRow, from: TaskRunState): void {
    const run = this.run(row.runKey);
    const { allowFailure } = this.taskSpec(row);
    const ended = Number(isFinished(row.state)) - Number(isFinished(from));
    const failed = Number(countsAsFailing(row.state, allowFailure)) - Number(countsAsFailing(from, allowFailure));
    if (ended === 0 && failed === 0) return;
    run.after = {
      ...run.after,
      unfinished: run.after.unfinished - ended,
      failing: run.after.failing + failed,
    };
  }
}

/** What changes with an edge beside the state; times follow from the state unless they are given. */
export interface MovePatch extends Partial<Omit<TaskRunRow, "key" | "runKey" | "state" | keyof UpstreamCounts>> {
  readonly counts?: UpstreamCounts;
  /** For the event alone. */
  readonly message?: string;
  readonly actor?: string;
}

/** A decision alone is written like a move: the states compared are equal then. */
function hasMoved({ before, after }: TaskRunMove): boolean {
  return before.state !== after.state || before.generation !== after.generation || before.decision !== after.decision;
}

function runChange({ before, after }: RunInWork): Changes["runs"] {
  if (before === after) return [];
  const { key, unfinished, failing, taskCount, state, startedAt, finishedAt, reason } = after;
  const counts = { key, unfinished, failing, taskCount };
  if (before.state === state && before.startedAt === startedAt && before.reason === reason) return [counts];
  return [{ ...counts, state: { to: state, startedAt, finishedAt, reason } }];
}
