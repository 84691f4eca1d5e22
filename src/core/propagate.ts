import { stands } from "./gate.ts";
import { descendantsOf } from "./graph.ts";
import { depthOfPath, itemPath, outerPath, type Position } from "./map-path.ts";
import { type Ended, type NodeChange, type NodeView, type RuledPipeline, WorkingNode } from "./node-decision.ts";
import { isFinished } from "./state.ts";

export interface PropagationResult {
  /** Every task run touched, in the order in which they were reached; empty while something is missing. */
  readonly changes: readonly NodeChange[];
  /** Task runs to load before calling again. Without maps the third call at the latest misses nothing. */
  readonly missing: readonly Position[];
}

export interface PropagationRequest extends RuledPipeline {
  /** Task runs that have just finished; their outcomes are not yet in any counts. */
  readonly finished: readonly Ended[];
  /** Dependants as they stand before; undefined = not loaded. */
  readonly known: (position: Position) => NodeView | undefined;
  /** False for tasks that a `--task` run leaves out; absent = all are part of it. */
  readonly partOfRun?: (position: Position) => boolean;
}

/**
 * Carries outcomes to direct dependants, one hop at a time (TR-14), and to those they are a gate of, and on through
 * those that end by it without running. A dependant that is no longer scheduled gets its counts alone: it never moves.
 * Pure; the store applies the changes in the transaction that ended the task runs.
 */
export function propagate(request: PropagationRequest): PropagationResult {
  const wave = new Wave(request);
  // Outcomes that a cascade adds on the way are visited by the same loop.
  for (const outcome of wave.outcomes) wave.carry(outcome);
  return wave.result();
}

class Wave {
  readonly outcomes: Ended[];
  readonly #request: PropagationRequest;
  readonly #justFinished: ReadonlyMap<string, Ended>;
  readonly #nodes = new Map<string, WorkingNode>();
  readonly #missing = new Map<string, Position>();

  constructor(request: PropagationRequest) {
    this.outcomes = [...request.finished];
    this.#request = request;
    this.#justFinished = new Map(request.finished.map((ended) => [nameOf(ended), ended]));
  }

  carry(outcome: Ended): void {
    const { graph } = this.#request;
    if (stands(outcome)) {
      for (const index of this.#uncounted(outcome, graph.dependants)) {
        this.#touch(outcome, index, (node) => node.addOutcome(outcome));
      }
    } else this.#carryItems(outcome);
    for (const index of this.#uncounted(outcome, graph.gated)) {
      this.#touch(outcome, index, (node) => node.passGate(outcome));
    }
  }

  #uncounted({ index, countedWithin }: Ended, edges: readonly (readonly number[])[]): readonly number[] {
    const behind = edges[index] ?? [];
    if (countedWithin === undefined) return behind;
    const { levels } = this.#request.graph;
    return behind.filter((other) => levels.shared(index, other) < countedWithin);
  }

  /** Those within the same map count the task runs of their own item. */
  #carryItems(outcome: Ended): void {
    const { graph } = this.#request;
    for (const index of graph.dependants[outcome.index] ?? []) {
      if (graph.levels.shared(outcome.index, index) > depthOfPath(outcome.path)) continue;
      this.#touch(outcome, index, (node) => node.addItems(outcome.decision?.mapped ?? 0));
    }
  }

  result(): PropagationResult {
    if (this.#missing.size === 0) return { changes: [...this.#nodes.values()], missing: [] };
    this.#missAllBehind(this.outcomes.slice(this.#request.finished.length));
    return { changes: [], missing: [...this.#missing.values()].sort((one, other) => one.index - other.index) };
  }

  /** A cascade may go on through all that hangs on it; naming that at once spares a call for each hop. */
  #missAllBehind(cascaded: readonly Ended[]): void {
    const { graph } = this.#request;
    if (graph.levels.isMapped) return;
    for (const index of descendantsOf(
      graph.dependants,
      cascaded.map((ended) => ended.index),
    )) {
      this.#look({ index, path: "" });
    }
  }

  /** The one task run of a dependant that an outcome is for: that of the maps which both stand in. */
  #touch(outcome: Ended, index: number, work: (node: WorkingNode) => void): void {
    const path = outerPath(outcome.path, this.#request.graph.levels.shared(outcome.index, index));
    this.#change({ index, path }, work);
  }

  #change(position: Position, work: (node: WorkingNode) => void): void {
    const node = this.#node(position);
    if (node === undefined) return;
    const { to, start } = node;
    work(node);
    if (to === undefined && node.to !== undefined) this.#cascade(node);
    if (node.items > 0 && start === "wait" && node.start !== "wait") this.#letItemsGo(node);
  }

  /** An expanded map that was made to wait again by hand has been decided: its items have waited with it. */
  #letItemsGo(header: WorkingNode): void {
    const { graph } = this.#request;
    const isGroup = graph.levels.groupStartedBy(header.index) !== undefined;
    const depth = graph.levels.depth(header.index);
    const members = (graph.gated[header.index] ?? []).filter((index) => graph.levels.depth(index) > depth);
    const behind = isGroup ? members : [header.index];
    for (let item = 0; item < header.items; item++) {
      const path = itemPath(header.path, item);
      for (const index of behind) this.#change({ index, path }, (node) => node.passHeader(header));
    }
  }

  #cascade({ index, path, to }: WorkingNode): void {
    // Whatever else it goes on to is no end, that it waits for the past neither.
    if (to !== "success" && to !== "skipped" && to !== "upstream_failed") return;
    this.outcomes.push({ index, path, state: to, decision: null });
  }

  #node(position: Position): WorkingNode | undefined {
    const name = nameOf(position);
    const met = this.#nodes.get(name);
    if (met !== undefined) return met;
    const view = this.#look(position);
    if (view === undefined || !(stands(view) || this.#isHeader(position))) return undefined;
    // Ended by hand, or with its group: its counts decide nothing any more.
    if (isFinished(view.state) && this.#request.graph.levels.awaitsGroup(position.index, depthOfPath(position.path))) {
      return undefined;
    }
    const ended = this.#justFinished.get(name);
    const now = ended === undefined || isFinished(view.state) ? view : { ...view, state: ended.state };
    const node = new WorkingNode(position, now, this.#request);
    this.#nodes.set(name, node);
    return node;
  }

  /** What has been expanded stands for nothing, but what it waits for its items wait for. */
  #isHeader({ index, path }: Position): boolean {
    return this.#request.graph.levels.expandsAt(index, depthOfPath(path));
  }

  #look(position: Position): NodeView | undefined {
    if (this.#request.partOfRun?.(position) === false) return undefined;
    const view = this.#request.known(position);
    if (view === undefined) this.#missing.set(nameOf(position), position);
    return view;
  }
}

function nameOf({ index, path }: Position): string {
  return path === "" ? String(index) : `${index}/${path}`;
}
