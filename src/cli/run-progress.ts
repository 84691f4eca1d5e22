import type { Instant } from "../core/instant.ts";
import type { RunState, TaskRunState } from "../core/state.ts";
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
}

/** A task that has changed, as an event told. */
export interface TaskChange extends TaskProgress {
  readonly kind: "task";
  readonly at: Instant;
  readonly task: number;
  readonly from: TaskRunState;
}

export interface RunChange {
  readonly kind: "run";
  readonly at: Instant;
  readonly state: RunState;
  readonly reason?: string;
}

/**
 * What is known of a run, folded from its rows at one moment and its events since. Costs the same per event however
 * many tasks there are, so that a run of 10,000 tasks can be watched.
 */
export class RunProgress {
  readonly #tasks = new Map<number, TaskProgress>();
  readonly #counts = new Map<TaskRunState, number>();
  readonly #active = new Set<number>();
  #state: RunState;
  #startedAt: Instant | undefined;

  constructor(state: RunState, taskRuns: readonly TaskRunRecord[], startedAt?: Instant) {
    this.#state = state;
    this.#startedAt = startedAt;
    for (const row of taskRuns) this.#set(row.taskIndex, progressOf(row));
  }

  get state(): RunState {
    return this.#state;
  }

  get startedAt(): Instant | undefined {
    return this.#startedAt;
  }

  get total(): number {
    return this.#tasks.size;
  }

  task(index: number): TaskProgress | undefined {
    return this.#tasks.get(index);
  }

  count(state: TaskRunState): number {
    return this.#counts.get(state) ?? 0;
  }

  /** Task runs that will not change any more. */
  get finished(): number {
    return FINISHED.reduce((sum, state) => sum + this.count(state), 0);
  }

  /** Tasks that run, wait for a retry or have failed: what a summary of many tasks shows one by one. */
  get active(): readonly number[] {
    return [...this.#active];
  }

  /** Takes an event in; says what of it a person would see. */
  apply({ at, body }: EventRecord): TaskChange | RunChange | undefined {
    if (body.kind === "run_state") {
      this.#state = body.to;
      if (body.to === "running") this.#startedAt ??= at;
      return { kind: "run", at, state: body.to, ...(body.reason === undefined ? {} : { reason: body.reason }) };
    }
    if (body.kind !== "task_state") return undefined;
    const before = this.#tasks.get(body.taskIndex);
    const after: TaskProgress = {
      state: body.to,
      attempt: body.attempt,
      generation: body.generation,
      ...times(before, body.to, at),
      ...(body.dueAt === undefined ? {} : { dueAt: body.dueAt }),
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(body.message === undefined ? {} : { message: body.message }),
    };
    this.#set(body.taskIndex, after);
    return { kind: "task", at, task: body.taskIndex, from: body.from, ...after };
  }

  #set(index: number, progress: TaskProgress): void {
    const before = this.#tasks.get(index);
    if (before !== undefined) this.#counts.set(before.state, this.count(before.state) - 1);
    this.#counts.set(progress.state, this.count(progress.state) + 1);
    this.#tasks.set(index, progress);
    if (ACTIVE.includes(progress.state)) this.#active.add(index);
    else this.#active.delete(index);
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
