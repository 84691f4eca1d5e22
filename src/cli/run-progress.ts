import type { Instant } from "../core/instant.ts";
import { itemPath } from "../core/map-path.ts";
import { mapKeyAbove } from "../core/shown-task-runs.ts";
import { type RunState, TASK_RUN_STATES, type TaskRunState } from "../core/state.ts";
import { stateOfMany } from "../core/state-of-many.ts";
import type { MissedFacts } from "../store/deadline-store.ts";
import type { EventBody } from "../store/event-body.ts";
import type { EventRecord, TaskRunRecord } from "../store/store.ts";

/** A task of a run as it is shown while the run goes on. */
export interface TaskProgress {
  readonly state: TaskRunState;
  readonly attempt: number;
  readonly generation: number;
  /** Start and end of the newest attempt. */
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
  /** When a retrying task is due. */
  readonly dueAt?: Instant;
  readonly reason?: string;
  readonly message?: string;
  /** Of a mapped task: how many task runs there are, how many have ended, and how many run or have failed. */
  readonly copies?: Copies;
}

export interface Copies {
  readonly total: number;
  readonly finished: number;
  readonly running: number;
  readonly failed: number;
}

/** A task run that has changed, as an event told. */
export interface TaskChange extends TaskProgress {
  readonly kind: "task";
  readonly at: Instant;
  readonly task: number;
  readonly mapKey: string;
  readonly from: TaskRunState;
}

export interface RunChange {
  readonly kind: "run";
  readonly at: Instant;
  readonly state: RunState;
  readonly reason?: string;
}

/** The run or a task of it is late. */
export interface DeadlineChange extends MissedFacts {
  readonly kind: "deadline";
  readonly at: Instant;
}

/**
 * What is known of a run, folded from its rows at one moment and its events since. Costs the same per event however
 * many tasks there are, so that a run of 10,000 tasks can be watched.
 */
export class RunProgress {
  readonly #tasks = new Map<number, TaskRuns>();
  readonly #counts = new StateCounts();
  readonly #active = new Set<number>();
  readonly #isHidden: (task: number) => boolean;
  #state: RunState;
  #startedAt: Instant | undefined;
  readonly #misses: DeadlineChange[] = [];

  /** `isHidden` tells which tasks nobody is shown: junctions. */
  constructor(
    state: RunState,
    taskRuns: readonly TaskRunRecord[],
    startedAt?: Instant,
    isHidden: (task: number) => boolean = () => false,
  ) {
    this.#state = state;
    this.#startedAt = startedAt;
    this.#isHidden = isHidden;
    // A mapped task run comes before those that take its place.
    const rows = [...taskRuns].sort((one, other) => one.mapKey.length - other.mapKey.length);
    for (const row of rows) if (!isHidden(row.taskIndex)) this.#set(row.taskIndex, row.mapKey, progressOf(row));
  }

  get state(): RunState {
    return this.#state;
  }

  get startedAt(): Instant | undefined {
    return this.#startedAt;
  }

  /** Deadlines that were missed, in the order in which they were told. */
  get misses(): readonly DeadlineChange[] {
    return this.#misses;
  }

  /** Task runs. */
  get total(): number {
    return this.#counts.total;
  }

  /** Of a mapped task: all of its task runs together. */
  task(index: number): TaskProgress | undefined {
    return this.#tasks.get(index)?.progress;
  }

  count(state: TaskRunState): number {
    return this.#counts.of(state);
  }

  /** Task runs that will not change any more. */
  get finished(): number {
    return this.#counts.finished;
  }

  /** Tasks that run, wait for a retry or have failed: what a summary of many tasks shows one by one. */
  get active(): readonly number[] {
    return [...this.#active];
  }

  /** Takes an event in; says what of it a person would see. */
  apply({ at, body }: EventRecord): TaskChange | RunChange | DeadlineChange | undefined {
    if (body.kind === "deadline_missed") {
      const { kind: _, taskIndex: __, ...facts } = body;
      const change: DeadlineChange = { kind: "deadline", at, ...facts };
      this.#misses.push(change);
      return change;
    }
    if (body.kind === "run_state") {
      this.#state = body.to;
      if (body.to === "running") this.#startedAt ??= at;
      return { kind: "run", at, state: body.to, ...(body.reason === undefined ? {} : { reason: body.reason }) };
    }
    if (body.kind === "mapped" && !this.#isHidden(body.taskIndex)) this.#addItems(body);
    if (body.kind !== "task_state" || this.#isHidden(body.taskIndex) || body.reason === MAPPED) return undefined;
    const { taskIndex, mapKey } = body;
    const before = this.#tasks.get(taskIndex)?.run(mapKey);
    const after: TaskProgress = {
      state: body.to,
      attempt: body.attempt,
      generation: body.generation,
      ...times(before, body.to, at),
      ...(body.dueAt === undefined ? {} : { dueAt: body.dueAt }),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(body.message === undefined ? {} : { message: body.message }),
    };
    this.#set(taskIndex, mapKey, after);
    return { kind: "task", at, task: taskIndex, mapKey, from: body.from, ...after };
  }

  /** Items take the place of the task run that stood for all of them, without events of their own. */
  #addItems({ taskIndex, mapKey, from, to, begin }: Extract<EventBody, { kind: "mapped" }>): void {
    const begun: TaskProgress = { state: begin, attempt: 0, generation: 1 };
    for (let item = from; item < to; item++) this.#set(taskIndex, itemPath(mapKey, item), begun);
  }

  #set(index: number, mapKey: string, progress: TaskProgress): void {
    const task = this.#tasks.get(index) ?? new TaskRuns();
    this.#tasks.set(index, task);
    for (const { before, after } of task.set(mapKey, progress)) this.#counts.move(before, after);
    if (ACTIVE.some((state) => task.counts.of(state) > 0)) this.#active.add(index);
    else this.#active.delete(index);
  }
}

/** The reason with which a task run ends that others take the place of. */
const MAPPED = "mapped";

interface Move {
  readonly before: TaskRunState | undefined;
  readonly after: TaskRunState | undefined;
}

/** The task runs of one task: one, or one for each item of a map. */
class TaskRuns {
  readonly counts = new StateCounts();
  readonly #runs = new Map<string, TaskProgress>();
  /** Mapped task runs that others have taken the place of. */
  readonly #replaced = new Set<string>();

  run(mapKey: string): TaskProgress | undefined {
    return this.#runs.get(mapKey);
  }

  set(mapKey: string, progress: TaskProgress): readonly Move[] {
    if (this.#replaced.has(mapKey)) return [];
    const moves: Move[] = [{ before: this.#runs.get(mapKey)?.state, after: progress.state }];
    this.#runs.set(mapKey, mapKey === "" ? progress : kept(progress));
    for (let key = mapKey; key !== ""; ) {
      key = mapKeyAbove(key);
      const above = this.#runs.get(key);
      this.#replaced.add(key);
      if (above === undefined) continue;
      this.#runs.delete(key);
      moves.push({ before: above.state, after: undefined });
    }
    for (const { before, after } of moves) this.counts.move(before, after);
    return moves;
  }

  get progress(): TaskProgress | undefined {
    const [first] = this.#runs.values();
    if (first === undefined || this.#replaced.size === 0) return first;
    const { counts } = this;
    const state = stateOfMany((candidate) => counts.of(candidate) > 0);
    return { state, attempt: 1, generation: 1, copies: copiesOf(counts) };
  }
}

/**
 * What is kept of an item: maps may have a million of them. A picture shows their counts; when one began counts for the
 * line that tells of its end, so as long as it has not ended.
 */
function kept(progress: TaskProgress): TaskProgress {
  const { state, startedAt } = progress;
  if (startedAt !== undefined && !FINISHED.includes(state)) return { ...BEGUN, state, startedAt };
  return SHARED.get(state) ?? { ...BEGUN, state };
}

const BEGUN = { attempt: 1, generation: 1 };
const SHARED: ReadonlyMap<TaskRunState, TaskProgress> = new Map(
  TASK_RUN_STATES.map((state) => [state, { ...BEGUN, state }]),
);

function copiesOf(counts: StateCounts): Copies {
  const { total, finished } = counts;
  return { total, finished, running: counts.of("running"), failed: counts.of("failed") };
}

/** How many task runs are in each state. */
class StateCounts {
  readonly #counts = new Map<TaskRunState, number>();
  total = 0;

  of(state: TaskRunState): number {
    return this.#counts.get(state) ?? 0;
  }

  get finished(): number {
    return FINISHED.reduce((sum, state) => sum + this.of(state), 0);
  }

  move(before: TaskRunState | undefined, after: TaskRunState | undefined): void {
    if (before !== undefined) this.#counts.set(before, this.of(before) - 1);
    if (after !== undefined) this.#counts.set(after, this.of(after) + 1);
    this.total += (after === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
  }
}

const FINISHED: readonly TaskRunState[] = ["success", "failed", "upstream_failed", "skipped", "cancelled", "removed"];
const ACTIVE: readonly TaskRunState[] = ["running", "retrying", "failed"];

function progressOf(row: TaskRunRecord): TaskProgress {
  return {
    state: row.state,
    attempt: row.attempt,
    generation: row.generation,
    ...(row.startedAt === undefined ? {} : { startedAt: row.startedAt }),
    ...(row.finishedAt === undefined ? {} : { finishedAt: row.finishedAt }),
    ...(row.dueAt === undefined ? {} : { dueAt: row.dueAt }),
    ...(row.reason === undefined ? {} : { reason: row.reason }),
    ...(row.failure === undefined ? {} : { message: row.failure.message }),
  };
}

/** A running task counts from now; one that has stopped running keeps when it started; one that waits has no times. */
function times(
  before: TaskProgress | undefined,
  state: TaskRunState,
  at: Instant,
): Pick<TaskProgress, "startedAt" | "finishedAt"> {
  if (state === "running") return { startedAt: at };
  if (before?.startedAt === undefined || state === "scheduled" || state === "queued") return {};
  return { startedAt: before.startedAt, finishedAt: at };
}
