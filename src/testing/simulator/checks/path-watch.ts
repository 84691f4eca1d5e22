import type { Commit } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";
import type { RunFold } from "./run-fold.ts";

/**
 * CC-3: a task goes by the priority that its pipeline says. One that goes by the longest way to the end goes by less
 * than one more, and never by less than one behind it of the same priority, whose way is part of its own.
 */
export class PathWatch {
  readonly #parts: Pick<LimitWatchParts, "db" | "findings" | "probes">;

  constructor(parts: Pick<LimitWatchParts, "db" | "findings" | "probes">) {
    this.#parts = parts;
  }

  look({ runMoves }: Commit): void {
    for (const { event, fold, runKey } of runMoves) if (event.from === null) this.#judge(fold, runKey);
  }

  #judge(fold: RunFold, runKey: number): void {
    const rows = this.#parts.db.all<PriorityOnDisk>(SELECT_PRIORITIES, runKey);
    const priorities = new Map(rows.map(({ taskIndex, priority }) => [taskIndex, priority]));
    for (const [index, priority] of priorities) {
      const { priority: said, priorityBy, upstream = [], name } = fold.spec.tasks[index] ?? {};
      const more = priority - (said ?? 0);
      const isRight = priorityBy === undefined ? more === 0 : more >= 0 && more < 1;
      this.#parts.findings.expect(isRight, "CC-3", () => `${fold.id}: ${name} goes by ${priority}, and says ${said}`);
      if (priorityBy === undefined) continue;
      for (const up of upstream) this.#judgeWay(fold, { up, index }, priorities);
    }
  }

  #judgeWay(fold: RunFold, { up, index }: Step, priorities: ReadonlyMap<number, number>): void {
    const [first, second] = [fold.spec.tasks[up], fold.spec.tasks[index]];
    const [before, after] = [priorities.get(up), priorities.get(index)];
    if (first?.priorityBy === undefined || first.priority !== second?.priority) return;
    if (before === undefined || after === undefined) return;
    if (before > after) this.#parts.probes.reached("a longer way to the end");
    this.#parts.findings.expect(
      before >= after,
      "CC-3",
      () =>
        `${fold.id}: ${first.name} goes by ${before}, and ${second.name}, which is on its way to the end, by ${after}`,
    );
  }
}

interface Step {
  readonly up: number;
  readonly index: number;
}

interface PriorityOnDisk {
  readonly taskIndex: number;
  readonly priority: number;
}

const SELECT_PRIORITIES = `
  select task_index as taskIndex, lane.priority from task_run join lane on lane.id = task_run.lane_id
  where run_key = ? and map_key = ''`;
