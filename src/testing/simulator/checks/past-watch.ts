import { isFinished, isRunFinished } from "../../../core/state.ts";
import type { AskedRun } from "./asked-run.ts";
import type { Commit, TaskMove } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

/** A task run that keeps another from starting. */
export interface Blocker {
  readonly fold: RunFold;
  readonly task: FoldedTask;
}

/**
 * CC-6: a task that depends on the past becomes ready only where it has succeeded, or was skipped, in the nearest
 * earlier run of its pipeline and schedule that has it: by the start of its interval, then by its end. Of several of
 * one interval the newest counts.
 */
export class PastWatch {
  readonly #parts: Pick<LimitWatchParts, "findings" | "probes">;
  #folds: ReadonlyMap<number, RunFold> = new Map();

  constructor(parts: Pick<LimitWatchParts, "findings" | "probes">) {
    this.#parts = parts;
  }

  look({ taskMoves, folds }: Commit): void {
    this.#folds = folds;
    for (const move of taskMoves) {
      const { from, to } = move.event;
      const isReady = to === "queued" && (from === "scheduled" || from === "deferred");
      if (isReady && dependsOnPast(move.task)) this.#judge(move);
    }
  }

  /** What has ended as it should not have, and holds up others until somebody mends it. */
  blockers(): readonly Blocker[] {
    return [...this.#folds.values()]
      .filter(({ state }) => state !== null && !isRunFinished(state))
      .flatMap((fold) => [...fold.tasks.values()].map((task) => ({ fold, task })))
      .filter(({ task }) => task.state === "deferred" && task.reason === "past")
      .flatMap(({ fold, task }) => this.#before(fold, task) ?? [])
      .filter(({ task: { state } }) => isFinished(state) && !isGood(state));
  }

  #judge({ fold, task }: TaskMove): void {
    const before = this.#before(fold, task);
    const { probes, findings } = this.#parts;
    probes.reached(before === undefined ? "the first of its past" : "let go by its past");
    findings.expect(
      before === undefined || isGood(before.task.state),
      "CC-6",
      () => `${fold.id}: ${task.spec.name} goes on, but it is ${before?.task.state} in ${before?.fold.id} before it`,
    );
  }

  #before(fold: RunFold, { taskIndex, mapKey }: FoldedTask): Blocker | undefined {
    const { schedule } = fold.asked;
    const found = [...this.#folds]
      .filter(([, { spec, asked }]) => spec === fold.spec && asked.schedule === schedule)
      .filter(([, { asked }]) => compareIntervals(asked, fold.asked) < 0)
      .sort(([key, { asked }], [otherKey, other]) => compareIntervals(other.asked, asked) || otherKey - key)
      .flatMap(([, earlier]) => {
        const task = earlier.tasks.get(nameOf({ taskIndex, mapKey }));
        return task === undefined ? [] : [{ fold: earlier, task }];
      });
    return found[0];
  }
}

function compareIntervals(one: AskedRun, other: AskedRun): number {
  return one.intervalStart - other.intervalStart || one.intervalEnd - other.intervalEnd;
}

function dependsOnPast({ spec, mapKey }: FoldedTask): boolean {
  return spec.dependsOnPast === true && mapKey === "";
}

function isGood(state: string): boolean {
  return state === "success" || state === "skipped";
}
