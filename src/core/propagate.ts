import type { TaskGraph } from "./graph.ts";
import { descendants } from "./graph.ts";
import type { TaskSpec } from "./manifest.ts";
import { isFinished, type TaskRunState } from "./state.ts";
import { countOutcome, decideStart, NO_UPSTREAM, type StartDecision, type UpstreamCounts } from "./trigger-rule.ts";

/** A task run as far as the rules look at it. */
export interface NodeFacts {
  readonly state: TaskRunState;
  readonly counts: UpstreamCounts;
}

/** New counts of a task run, and its new state when the rule has decided. */
export interface NodeChange {
  readonly index: number;
  readonly counts: UpstreamCounts;
  readonly from: TaskRunState;
  readonly to?: "queued" | "skipped" | "upstream_failed";
  /** With `to`: the rule and the upstream that decided, as `all_success: 3 failed` (3 is a task index). */
  readonly reason?: string;
}

export interface Ended {
  readonly index: number;
  readonly state: TaskRunState;
}

export interface Propagation {
  readonly tasks: readonly Pick<TaskSpec, "when">[];
  readonly graph: TaskGraph;
  /** Task runs that have just finished. */
  readonly finished: readonly Ended[];
  /** Facts of the task runs that may be touched. */
  readonly known: ReadonlyMap<number, NodeFacts>;
  /** Whether a task is part of the run at all; absent = all are. */
  readonly partOfRun?: (index: number) => boolean;
}

export interface PropagationResult {
  readonly changes: readonly NodeChange[];
  /** Task runs whose facts are needed and not known: load them and call again. Then `changes` is not to be used. */
  readonly missing: readonly number[];
}

/**
 * What follows from task runs that have just finished: the counts of their direct dependants grow, each rule is asked,
 * and what becomes skipped or upstream_failed counts for its own dependants in turn, one hop at a time (TR-14). Pure:
 * the store loads and applies.
 */
export function propagate({ tasks, graph, finished, known, partOfRun }: Propagation): PropagationResult {
  const changes = new Map<number, NodeChange>();
  const missing = new Set<number>();
  const open = [...finished];
  for (let at = 0; at < open.length; at++) {
    const ended = open[at];
    if (ended === undefined) continue;
    for (const index of graph.dependants[ended.index] ?? []) {
      if (partOfRun?.(index) === false) continue;
      const facts = known.get(index);
      const rule = tasks[index]?.when;
      if (facts === undefined || rule === undefined) {
        missing.add(index);
        continue;
      }
      const change = counted(index, changes.get(index), facts, ended);
      const decided = change.to === undefined && change.from === "scheduled" ? decide(rule, change, ended) : change;
      changes.set(index, decided);
      if (decided.to !== undefined && decided.to !== change.to && decided.to !== "queued") {
        open.push({ index, state: decided.to });
      }
    }
  }
  const cascades = open.length > finished.length;
  return { changes: [...changes.values()], missing: missing.size === 0 ? [] : wanted() };

  /** Once a cascade has begun it may go all the way down: one load instead of one a hop. */
  function wanted(): readonly number[] {
    const all = cascades
      ? descendants(
          graph,
          open.map(({ index }) => index),
        )
      : [...missing];
    return all.filter((index) => !known.has(index) && partOfRun?.(index) !== false);
  }
}

function counted(index: number, before: NodeChange | undefined, facts: NodeFacts, ended: Ended): NodeChange {
  const { counts, from } = before ?? { counts: facts.counts, from: facts.state };
  return { ...(before ?? { index, from }), counts: countOutcome(counts, ended.state) };
}

function decide(rule: TaskSpec["when"], change: NodeChange, ended: Ended): NodeChange {
  const to = STATE_OF[decideStart(rule, change.counts)];
  if (to === undefined) return change;
  return to === "queued" ? { ...change, to } : { ...change, to, reason: `${rule}: ${ended.index} ${ended.state}` };
}

const STATE_OF: Readonly<Record<StartDecision, NodeChange["to"]>> = {
  wait: undefined,
  run: "queued",
  skip: "skipped",
  upstream_failed: "upstream_failed",
};

/**
 * Counts and decisions from scratch, from the states of all task runs: at creation (all scheduled) and after a clear.
 * Scheduled task runs are decided; the others keep their state and get their counts. Counts must always equal this
 * (I45). Upstream tasks come before their dependants, so one pass is enough.
 */
export function recount(
  tasks: readonly Pick<TaskSpec, "when" | "upstream">[],
  states: ReadonlyMap<number, TaskRunState>,
): readonly NodeChange[] {
  const after = new Map(states);
  const changes: NodeChange[] = [];
  for (const [index, task] of tasks.entries()) {
    const from = states.get(index);
    if (from === undefined) continue;
    const change = recountOne({ index, task, from }, after);
    changes.push(change);
    if (change.to !== undefined) after.set(index, change.to);
  }
  return changes;
}

interface Recounted {
  readonly index: number;
  readonly task: Pick<TaskSpec, "when" | "upstream">;
  readonly from: TaskRunState;
}

function recountOne({ index, task, from }: Recounted, states: ReadonlyMap<number, TaskRunState>): NodeChange {
  let counts = NO_UPSTREAM;
  let last: Ended | undefined;
  for (const upstream of task.upstream) {
    const state = states.get(upstream);
    if (state === undefined) continue;
    counts = countOutcome({ ...counts, total: counts.total + 1 }, state);
    if (isFinished(state) && state !== "success") last = { index: upstream, state };
  }
  const change: NodeChange = { index, counts, from };
  return from === "scheduled" ? decide(task.when, change, last ?? { index, state: "success" }) : change;
}
