import { type GateVerdict, shutBy, stands, verdictOf, verdictOfHeader, worseShut } from "./gate.ts";
import { depthOfPath, outerPath, type Position } from "./map-path.ts";
import { type NodeChange, type RuledPipeline, WorkingNode } from "./node-decision.ts";
import type { RunDecision } from "./run-decision.ts";
import { isFinished, type TaskRunState } from "./state.ts";
import { NO_UPSTREAM, type UpstreamCounts } from "./trigger-rule.ts";

/** A task run that is part of the run, as it stands. */
export interface RecountedRow extends Position {
  readonly state: TaskRunState;
  readonly decision: RunDecision | null;
}

/**
 * Counts and decisions from scratch: at the creation of a run, and after what operators do. `rows` holds the task runs
 * that are part of the run; a task without one counts for nobody. Answers a change for every task run that counts,
 * upstream first, decisions carried on as `propagate` does. The counts of all these rows equal these at any time (I45).
 * Left out are items of what is not expanded any more, and members of a mapped group that were expanded with it.
 */
export function recount(pipeline: RuledPipeline, rows: Iterable<RecountedRow>): readonly NodeChange[] {
  const recounting = new Recount(pipeline, rows);
  return pipeline.tasks.flatMap((_, index) => recounting.task(index));
}

class Recount {
  readonly #pipeline: RuledPipeline;
  readonly #rows = new Map<number, RowNow[]>();
  /** What headers of expanded maps say to their items. */
  readonly #headers = new Map<string, GateVerdict>();
  /** Outcomes of a task by the part of the path that a dependant shares with it. */
  readonly #outcomes = new Map<string, ReadonlyMap<string, StateCounts>>();

  constructor(pipeline: RuledPipeline, rows: Iterable<RecountedRow>) {
    this.#pipeline = pipeline;
    for (const row of rows) {
      const ofTask = this.#rows.get(row.index);
      const now = { ...row };
      if (ofTask === undefined) this.#rows.set(row.index, [now]);
      else ofTask.push(now);
    }
    if (pipeline.graph.levels.isMapped) this.#leaveOutHidden();
  }

  task(index: number): readonly NodeChange[] {
    const { levels } = this.#pipeline.graph;
    // What ended by hand, or with its mapped group, before that began: its counts decide nothing any more.
    const isOver = ({ state, path }: RowNow) => isFinished(state) && levels.awaitsGroup(index, depthOfPath(path));
    const rows = this.#rows.get(index) ?? [];
    const headers = rows.filter((row) => !stands(row) && this.#isHeader(row));
    // Headers first: their items hear them.
    return [...headers, ...rows.filter((row) => stands(row) && !isOver(row))].map((row) => this.#recounted(row));
  }

  /** The task run that has made those of the items, and that may have to wait again while they have not all begun. */
  #isHeader({ index, path }: RowNow): boolean {
    return this.#pipeline.graph.levels.expandsAt(index, depthOfPath(path));
  }

  #recounted(row: RowNow): NodeChange {
    // What its map waits for, it waits for by its header alone.
    const isItem = this.#pipeline.graph.levels.isItem(row.index, depthOfPath(row.path));
    const outcomes = isItem ? [] : this.#upstreamOf(row);
    const total = outcomes.reduce((sum, { times }) => sum + times, 0);
    const counts = { ...NO_UPSTREAM, ...(isItem ? this.#headerOf(row) : this.#gatesOf(row)), total };
    const node = new WorkingNode(row, { ...row, counts }, this.#pipeline);
    node.decide(undefined);
    for (const { index, state, times } of outcomes) node.addOutcome({ index, state }, times);
    if (node.to !== undefined && node.to !== "expand" && node.to !== "retry_group") row.state = node.to;
    if (row.path !== "") node.mayHaveVanished = true;
    if (!stands(row)) this.#headers.set(nameOf(row), verdictOfHeader(node.start));
    return node;
  }

  #headerOf({ index, path }: RowNow): Heard {
    const header = nameOf({ index, path: outerPath(path, depthOfPath(path) - 1) });
    return heard(NOTHING_HEARD, this.#headers.get(header) ?? "pass", index);
  }

  #upstreamOf({ index, path }: RowNow): readonly (StateCount & { readonly index: number })[] {
    return (this.#pipeline.graph.upstream[index] ?? []).flatMap((up) => {
      const shared = this.#pipeline.graph.levels.shared(up, index);
      return this.#outcomesOf(up, shared, outerPath(path, shared)).map((count) => ({ ...count, index: up }));
    });
  }

  #gatesOf({ index, path }: RowNow): Heard {
    let all = NOTHING_HEARD;
    for (const gate of this.#pipeline.graph.gates[index] ?? []) {
      const row = this.#gateRow(gate, outerPath(path, this.#pipeline.graph.levels.shared(gate, index)));
      if (row === undefined) continue;
      // The end of a mapped group is behind its start too, and no member.
      const header = depthOfPath(path) > depthOfPath(row.path) ? this.#headers.get(nameOf(row)) : undefined;
      all = heard(all, header ?? verdictOf(this.#pipeline.tasks[gate]?.decides, row, index), gate);
    }
    return all;
  }

  #gateRow(gate: number, path: string): RowNow | undefined {
    const rows = this.#rows.get(gate) ?? [];
    return rows.length < 2 ? rows[0] : (rows.find((row) => row.path === path) ?? rows[0]);
  }

  #outcomesOf(index: number, shared: number, path: string): readonly StateCount[] {
    const rows = this.#rows.get(index) ?? [];
    const [only] = rows;
    if (only === undefined) return [];
    if (rows.length === 1 && stands(only)) return [{ state: only.state, times: 1 }];
    const byPath = this.#outcomesByPath(index, shared);
    for (let levels = depthOfPath(path); levels >= 0; levels--) {
      const found = byPath.get(outerPath(path, levels));
      if (found !== undefined) return [...found].map(([state, times]) => ({ state, times }));
    }
    return [];
  }

  #outcomesByPath(index: number, shared: number): ReadonlyMap<string, StateCounts> {
    const name = `${index} ${shared}`;
    const known = this.#outcomes.get(name);
    if (known !== undefined) return known;
    const byPath = new Map<string, Map<TaskRunState, number>>();
    for (const row of this.#rows.get(index) ?? []) {
      if (!stands(row)) continue;
      const path = outerPath(row.path, shared);
      const counts = byPath.get(path) ?? new Map<TaskRunState, number>();
      counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
      byPath.set(path, counts);
    }
    this.#outcomes.set(name, byPath);
    return byPath;
  }

  /** Items of what has been cleared, and is not expanded again yet, count for nobody. */
  #leaveOutHidden(): void {
    for (const [index, rows] of this.#rows) {
      if (rows.length < 2) continue;
      const replaced = new Set(rows.filter((row) => !stands(row)).map(({ path }) => path));
      const isShown = ({ path }: RowNow): boolean => {
        for (let levels = depthOfPath(path) - 1; levels >= 0; levels--)
          if (!replaced.has(outerPath(path, levels))) return false;
        return true;
      };
      this.#rows.set(index, rows.filter(isShown));
    }
  }
}

interface RowNow extends Position {
  state: TaskRunState;
  readonly decision: RunDecision | null;
}

function nameOf({ index, path }: Position): string {
  return `${index}/${path}`;
}

type Heard = Pick<UpstreamCounts, "gates" | "shut">;

const NOTHING_HEARD: Heard = { gates: 0, shut: null };

function heard({ gates, shut }: Heard, verdict: GateVerdict, gate: number): Heard {
  if (verdict === "wait") return { gates: gates + 1, shut };
  return verdict === "pass" ? { gates, shut } : { gates, shut: worseShut(shut, shutBy(verdict, gate)) };
}

type StateCounts = ReadonlyMap<TaskRunState, number>;

interface StateCount {
  readonly state: TaskRunState;
  readonly times: number;
}
