import { graphOf, type TaskGraph } from "../core/graph.ts";
import { isJunction } from "../core/junction.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { outerPath } from "../core/map-path.ts";
import { isFinished, type TaskRunState } from "../core/state.ts";

interface Row {
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly state: TaskRunState;
}

/** The states of a run as seen from one of its task runs: within a map it looks at those of its own item alone. */
export class RunStates {
  readonly #tasks: PipelineSpec["tasks"];
  readonly #graph: TaskGraph;
  readonly #rows: ReadonlyMap<number, readonly Row[]>;
  /** What was looked at, by task and level: many items ask the same. */
  readonly #statesByPath = new Map<string, ReadonlyMap<string, TaskRunState>>();

  constructor(pipeline: PipelineSpec, rows: readonly Row[]) {
    this.#tasks = pipeline.tasks;
    this.#graph = graphOf(pipeline);
    this.#rows = Map.groupBy(rows, ({ taskIndex }) => taskIndex);
  }

  /** States of its direct upstream, as far as they are part of the run. */
  upstream(row: Row): ReadonlyMap<number, TaskRunState> {
    return new Map(this.#known(this.#tasks[row.taskIndex]?.upstream ?? [], row));
  }

  /** What has to end before it can start: tasks, and groups that wait for their next attempt. */
  waitsFor(row: Row): ReadonlyMap<number, TaskRunState> {
    const found = new Map<number, TaskRunState>();
    const seen = new Set<number>();
    const open = [row.taskIndex];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const before = [...(this.#tasks[index]?.upstream ?? []), ...(this.#graph.gates[index] ?? [])];
      for (const [from, state] of this.#known(before, row)) {
        if (seen.has(from) || isFinished(state)) continue;
        seen.add(from);
        const task = this.#tasks[from];
        if (task !== undefined && isJunction(task) && state === "scheduled") open.push(from);
        else found.set(from, state);
      }
    }
    return new Map([...found].sort(([one], [other]) => one - other));
  }

  #known(indexes: readonly number[], row: Row): readonly (readonly [number, TaskRunState])[] {
    return indexes.flatMap((index) => {
      const state = this.#seen(index, row);
      return state === undefined ? [] : [[index, state] as const];
    });
  }

  /** Of many task runs the state that tells most. */
  #seen(index: number, { taskIndex, mapKey }: Row): TaskRunState | undefined {
    const shared = this.#graph.levels.shared(index, taskIndex);
    const name = `${index}/${shared}`;
    const byPath = this.#statesByPath.get(name) ?? statesByPath(this.#rows.get(index) ?? [], shared);
    this.#statesByPath.set(name, byPath);
    return byPath.get(outerPath(mapKey, shared));
  }
}

function statesByPath(rows: readonly Row[], depth: number): ReadonlyMap<string, TaskRunState> {
  const states = new Map<string, TaskRunState>();
  for (const { mapKey, state } of rows) {
    const path = outerPath(mapKey, depth);
    const before = states.get(path);
    if (before === undefined || rank(state) < rank(before)) states.set(path, state);
  }
  return states;
}

/** What goes on tells most, then what went wrong. */
function rank(state: TaskRunState): number {
  if (!isFinished(state)) return -1;
  const bad = BAD.indexOf(state);
  return bad < 0 ? BAD.length : bad;
}

const BAD: readonly TaskRunState[] = ["failed", "cancelled", "upstream_failed", "skipped"];
