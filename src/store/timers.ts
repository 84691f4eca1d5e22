import type { Instant } from "../core/instant.ts";
import type { PipelineSpec, TaskSpec } from "../core/manifest.ts";
import { isFinished, isRunFinished, type RunState, type TaskRunState } from "../core/state.ts";
import type { TimerClear, TimerInsert } from "./changes.ts";
import type { RunRow, TaskRunRow } from "./rows.ts";

/** What tear-downs may take once a run was stopped, unless its pipeline says otherwise (RS-7). */
const CLEANUP_TIMEOUT_MS = 10 * 60 * 1000;

/**
 * The deadlines that begin and end with the moves of one transaction. A run or a task without a time-out has none, and
 * costs nothing.
 */
export class Timers {
  begun: TimerInsert[] = [];
  ended: TimerClear[] = [];
  readonly #now: Instant;

  constructor(now: Instant) {
    this.#now = now;
  }

  /** Counts from the run's start (RS-4), and anew from the moment it is stopped (RS-7). */
  onRun({ key: runKey, state }: RunRow, from: RunState, spec: PipelineSpec): void {
    const { runTimeoutMs, cleanupTimeoutMs = CLEANUP_TIMEOUT_MS } = spec;
    if (state === "running" && runTimeoutMs !== undefined) this.#begin("run_timeout", { runKey, ms: runTimeoutMs });
    if (state === "cancelling") this.#begin("cleanup", { runKey, ms: cleanupTimeoutMs });
    if (isRunFinished(state) && (runTimeoutMs !== undefined || from === "cancelling")) {
      this.end({ runKey, taskRunKey: 0 });
    }
  }

  /**
   * Counts from when the task run is ready, over all its attempts and waits (RT-4). One that is taken back to its rule
   * is not ready any more: its time begins anew when it is.
   */
  onTaskRun({ key: taskRunKey, runKey, state, generation }: TaskRunRow, from: TaskRunState, spec: TaskSpec): void {
    const { totalTimeoutMs: ms } = spec;
    if (ms === undefined) return;
    if (state === "queued" && (from === "scheduled" || from === "deferred"))
      this.#begin("total_timeout", { runKey, taskRunKey, generation, ms });
    if (isFinished(state) || state === "scheduled") this.end({ runKey, taskRunKey });
  }

  /** One that began in the same transaction has never been. */
  end(clear: TimerClear): void {
    this.begun = this.begun.filter((timer) => !isMeant(timer, clear));
    this.ended.push(clear);
  }

  /** Where one has ended in the same transaction this one takes its place. */
  #begin(kind: TimerInsert["kind"], { ms, runKey, taskRunKey = 0, generation = 0 }: Beginning): void {
    const timer = { kind, runKey, taskRunKey, generation, dueAt: this.#now + ms };
    this.ended = this.ended.filter((clear) => !isMeant(timer, clear));
    this.begun.push(timer);
  }
}

function isMeant(timer: TimerInsert, { runKey, taskRunKey, kind = timer.kind }: TimerClear): boolean {
  return timer.runKey === runKey && timer.taskRunKey === taskRunKey && timer.kind === kind;
}

interface Beginning {
  readonly ms: number;
  readonly runKey: number;
  readonly taskRunKey?: number;
  readonly generation?: number;
}
