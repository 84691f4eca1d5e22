import { descendantsOf, type TaskGraph } from "./graph.ts";
import { ruleReason } from "./rule-reason.ts";
import type { FinishedState, TaskRunState } from "./state.ts";
import { countOutcome, decideStart, NO_UPSTREAM, type TriggerRule, type UpstreamCounts } from "./trigger-rule.ts";

/** The part of a task that decides about its start. */
export interface RuledTask {
  readonly name: string;
  readonly when: TriggerRule;
}

/** A task run as far as the rules look at it. */
export interface NodeView {
  readonly state: TaskRunState;
  readonly counts: UpstreamCounts;
}

/** What becomes of one task run: its new counts, and a new state when its trigger rule has decided. */
export interface NodeChange {
  readonly index: number;
  readonly counts: UpstreamCounts;
  /** Its state before. */
  readonly from: TaskRunState;
  readonly to?: "queued" | "skipped" | "upstream_failed";
  /** With `skipped` and `upstream_failed`: the rule and what decided it, `all_success: join_sources failed`. */
  readonly reason?: string;
  /** The upstream task whose outcome decided; absent when there is none. */
  readonly decidedBy?: number;
}

export interface PropagationResult {
  /** Every task run touched, in the order in which they were reached; empty while something is missing. */
  readonly changes: readonly NodeChange[];
  /** Task runs to load into `known` before calling again, ascending. The third call at the latest misses nothing. */
  readonly missing: readonly number[];
}

/** A task run and the finished state in which it has ended. */
export interface Ended {
  readonly index: number;
  readonly state: TaskRunState;
}

export interface PropagationRequest {
  readonly tasks: readonly RuledTask[];
  readonly graph: TaskGraph;
  /** Task runs that have just finished; their outcomes are not yet in any counts. */
  readonly finished: readonly Ended[];
  /** Dependants as they stand before. More than needed does no harm. */
  readonly known: ReadonlyMap<number, NodeView>;
  /** False for tasks that a `--task` run leaves out; absent = all are part of it. */
  readonly partOfRun?: (index: number) => boolean;
}

/**
 * Carries outcomes to direct dependants, one hop at a time (TR-14), and on through those that are skipped or
 * upstream_failed by it. A dependant that is no longer scheduled gets its counts alone: it never moves. Pure; the store
 * applies the changes in the transaction that ended the task runs.
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
  readonly #justFinished: ReadonlyMap<number, TaskRunState>;
  readonly #nodes = new Map<number, WorkingNode>();
  readonly #missing = new Set<number>();

  constructor(request: PropagationRequest) {
    this.outcomes = [...request.finished];
    this.#request = request;
    this.#justFinished = new Map(request.finished.map(({ index, state }) => [index, state]));
  }

  carry(outcome: Ended): void {
    for (const index of this.#request.graph.dependants[outcome.index] ?? []) {
      if (!this.#isPartOfRun(index)) continue;
      const node = this.#node(index);
      if (node === undefined) {
        this.#missing.add(index);
        continue;
      }
      const ended = addOutcome(node, outcome, this.#request.tasks);
      if (ended !== undefined) this.outcomes.push({ index, state: ended });
    }
  }

  result(): PropagationResult {
    if (this.#missing.size === 0) return { changes: [...this.#nodes.values()], missing: [] };
    // A cascade may go on through all that hangs on it; naming that at once spares a call for each hop.
    const cascaded = this.outcomes.slice(this.#request.finished.length).map(({ index }) => index);
    for (const index of descendantsOf(this.#request.graph.dependants, cascaded)) {
      if (this.#isPartOfRun(index) && !this.#request.known.has(index)) this.#missing.add(index);
    }
    return { changes: [], missing: [...this.#missing].sort((one, other) => one - other) };
  }

  #node(index: number): WorkingNode | undefined {
    const met = this.#nodes.get(index);
    if (met !== undefined) return met;
    const view = this.#request.known.get(index);
    if (view === undefined) return undefined;
    const node = { index, from: this.#justFinished.get(index) ?? view.state, counts: view.counts };
    this.#nodes.set(index, node);
    return node;
  }

  #isPartOfRun(index: number): boolean {
    return this.#request.partOfRun?.(index) ?? true;
  }
}

/**
 * Counts and decisions from scratch: at the creation of a run, and after a clear. `states` holds the task runs that are
 * part of the run; a task without a state counts for nobody. Answers a change for every task run, ascending, decisions
 * carried on as `propagate` does. The counts of all rows equal these at any time (I45).
 */
export function recount(
  tasks: readonly (RuledTask & { readonly upstream: readonly number[] })[],
  states: ReadonlyMap<number, TaskRunState>,
): readonly NodeChange[] {
  const after = new Map(states);
  const changes: NodeChange[] = [];
  for (const [index, task] of tasks.entries()) {
    const from = states.get(index);
    if (from === undefined) continue;
    const upstream = endedOf(task.upstream, after);
    const node: WorkingNode = { index, from, counts: { ...NO_UPSTREAM, total: upstream.length } };
    decide(node, tasks, undefined);
    for (const ended of upstream) addOutcome(node, ended, tasks);
    if (node.to !== undefined) after.set(index, node.to);
    changes.push(node);
  }
  return changes;
}

function endedOf(indexes: readonly number[], states: ReadonlyMap<number, TaskRunState>): readonly Ended[] {
  return indexes.flatMap((index) => {
    const state = states.get(index);
    return state === undefined ? [] : [{ index, state }];
  });
}

interface WorkingNode {
  readonly index: number;
  readonly from: TaskRunState;
  counts: UpstreamCounts;
  to?: "queued" | "skipped" | "upstream_failed";
  reason?: string;
  decidedBy?: number;
}

/** Answers the state in which the task run ends by this outcome, if it does. */
function addOutcome(node: WorkingNode, outcome: Ended, tasks: readonly RuledTask[]): FinishedState | undefined {
  node.counts = countOutcome(node.counts, outcome.state);
  return decide(node, tasks, outcome);
}

/** A rule decides once: what is decided, and what has left `scheduled`, stays. */
function decide(node: WorkingNode, tasks: readonly RuledTask[], outcome: Ended | undefined): FinishedState | undefined {
  if (node.from !== "scheduled" || node.to !== undefined) return undefined;
  const rule = tasks[node.index]?.when ?? "all_success";
  const decision = decideStart(rule, node.counts);
  if (decision === "wait") return undefined;
  node.to = STATE_AFTER[decision];
  if (outcome === undefined) return undefined;
  node.decidedBy = outcome.index;
  if (node.to === "queued") return undefined;
  node.reason = ruleReason(rule, node.counts, { name: tasks[outcome.index]?.name ?? "", state: outcome.state });
  return node.to;
}

const STATE_AFTER = { run: "queued", skip: "skipped", upstream_failed: "upstream_failed" } as const;
