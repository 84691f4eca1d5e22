import { type GateVerdict, gateReason, readShut, shutBy, verdictOf, verdictOfHeader, worseShut } from "./gate.ts";
import type { TaskGraph } from "./graph.ts";
import { withoutJunction } from "./junction-name.ts";
import type { GroupSpec, MapSpec, TaskExecution } from "./manifest.ts";
import { depthOfPath, type Position } from "./map-path.ts";
import { WAITS_FOR_PAST } from "./past-wait.ts";
import { ruleReason } from "./rule-reason.ts";
import type { RunDecision } from "./run-decision.ts";
import { WATCHES } from "./sensors/sensor-wait.ts";
import type { TaskRunState } from "./state.ts";
import {
  countOutcome,
  decideStart,
  type StartDecision,
  type TriggerRule,
  type UpstreamCounts,
} from "./trigger-rule.ts";

/** The part of a task that decides about its start. */
export interface RuledTask {
  readonly name: string;
  readonly when: TriggerRule;
  readonly execution?: TaskExecution;
  readonly decides?: "branch" | "short_circuit";
  readonly role?: "setup" | "teardown";
  readonly map?: MapSpec;
  readonly group?: number;
  readonly dependsOnPast?: true;
}

/** Tasks with their edges. */
export interface RuledPipeline {
  readonly tasks: readonly RuledTask[];
  readonly graph: TaskGraph;
}

/** A task run as far as the rules look at it. */
export interface NodeView {
  readonly state: TaskRunState;
  readonly counts: UpstreamCounts;
  readonly decision: RunDecision | null;
}

/**
 * Where a decision leads. Two are for the caller to carry out, who then goes on with what comes of it: `expand`, one
 * task run for each item, and `retry_group`, a new attempt of a whole group.
 */
export type NodeMove = "queued" | "deferred" | "skipped" | "upstream_failed" | "success" | "expand" | "retry_group";

/** What becomes of one task run: its new counts, and a new state when its trigger rule has decided. */
export interface NodeChange extends Position {
  readonly counts: UpstreamCounts;
  /** Its state before. */
  readonly from: TaskRunState;
  readonly to?: NodeMove;
  /** With `skipped` and `upstream_failed`: the rule and what decided it, `all_success: join_sources failed`. */
  readonly reason?: string;
  /** The upstream task whose outcome decided; absent when there is none. */
  readonly decidedBy?: number;
  /** Of an item whose list may have been given anew since its map was expanded: whether it is still there is to be seen. */
  readonly mayHaveVanished?: true;
}

/** A task run and the finished state in which it has ended. */
export interface Ended extends Position {
  readonly state: TaskRunState;
  readonly decision: RunDecision | null;
  /** A task run of an item that ended as it was made: those within that many of its maps have counted it already. */
  readonly countedWithin?: number;
}

/** A task run whose counts are being brought up to date. */
export class WorkingNode implements NodeChange {
  readonly index: number;
  readonly path: string;
  readonly from: TaskRunState;
  counts: UpstreamCounts;
  to?: NodeMove;
  reason?: string;
  decidedBy?: number;
  mayHaveVanished?: true;
  readonly #pipeline: RuledPipeline;
  readonly #decision: RunDecision | null;

  constructor({ index, path }: Position, view: NodeView, pipeline: RuledPipeline) {
    this.index = index;
    this.path = path;
    this.from = view.state;
    this.counts = view.counts;
    this.#pipeline = pipeline;
    this.#decision = view.decision;
  }

  /** One upstream outcome, or several that are alike. */
  addOutcome(outcome: Pick<Ended, "index" | "state">, times = 1): void {
    this.counts = countOutcome(this.counts, outcome.state, times);
    this.decide(outcome);
  }

  /** One upstream task run has become `items` of them, none of which has ended. */
  addItems(items: number): void {
    this.counts = { ...this.counts, total: this.counts.total + items - 1 };
  }

  passGate(gate: Ended): void {
    this.#hear(verdictOf(this.#pipeline.tasks[gate.index]?.decides, gate, this.index), gate);
  }

  /** The header of its map, which had to wait once more after it was expanded, has been decided. */
  passHeader(header: WorkingNode): void {
    this.mayHaveVanished = true;
    this.#hear(verdictOfHeader(header.start), { index: header.index, state: header.from });
  }

  /** Task runs that it has been expanded to. */
  get items(): number {
    return this.from === "success" ? (this.#decision?.mapped ?? 0) : 0;
  }

  /** What its rule says by the counts as they are, whatever its state. */
  get start(): StartDecision {
    return decideStart(this.#pipeline.tasks[this.index]?.when ?? "all_success", this.counts);
  }

  #hear(verdict: GateVerdict, gate: Pick<Ended, "index" | "state">): void {
    const { gates, shut } = this.counts;
    const isShut = verdict === "skip" || verdict === "upstream_failed";
    this.counts = {
      ...this.counts,
      gates: gates - 1,
      shut: isShut ? worseShut(shut, shutBy(verdict, gate.index)) : shut,
    };
    this.decide(gate);
  }

  /** A rule decides once: what is decided, and what has left `scheduled`, stays. */
  decide(outcome: Pick<Ended, "index" | "state"> | undefined): void {
    if (this.from !== "scheduled" || this.to !== undefined) return;
    const { when = "all_success", name = "" } = this.#pipeline.tasks[this.index] ?? {};
    const decision = this.start;
    if (decision === "wait") return;
    this.to = decision === "run" ? this.#moveToRun() : decision === "skip" ? "skipped" : "upstream_failed";
    if (outcome !== undefined) this.decidedBy = outcome.index;
    if (this.to === "deferred") this.reason = isSensor(this.#pipeline.tasks[this.index]) ? WATCHES : WAITS_FOR_PAST;
    if (this.to !== "skipped" && this.to !== "upstream_failed") return;
    this.reason = this.#reason(outcome) ?? `${when}: ${name}`;
  }

  #moveToRun(): NodeMove {
    const { tasks, graph } = this.#pipeline;
    if (graph.levels.expandsAt(this.index, depthOfPath(this.path))) return "expand";
    const execution = tasks[this.index]?.execution;
    if (execution?.via === "sensor") return "deferred";
    if (execution?.via !== "none") return this.#waitsForPast() ? "deferred" : "queued";
    return execution.as === "gate" ? "success" : this.#summary();
  }

  /** The store knows the run before this one, and lets it go in time (CC-6). Items of a map have no past. */
  #waitsForPast(): boolean {
    return this.path === "" && this.#pipeline.tasks[this.index]?.dependsOnPast === true;
  }

  /** How all of a group has ended (GR-1). */
  #summary(): NodeMove {
    const { total, skipped, failed, upstreamFailed } = this.counts;
    if (failed + upstreamFailed === 0) return total > 0 && skipped === total ? "skipped" : "success";
    return hasAttemptsLeft(this.#pipeline.graph.endOf.get(this.index), this.#decision)
      ? "retry_group"
      : "upstream_failed";
  }

  #reason(outcome: Pick<Ended, "index" | "state"> | undefined): string | undefined {
    const { tasks } = this.#pipeline;
    if (this.counts.shut !== null) {
      const { verdict, gate } = readShut(this.counts.shut);
      const task = tasks[gate];
      if (task === undefined) return undefined;
      return gateReason(task, verdict, gate === this.index);
    }
    if (outcome === undefined) return undefined;
    const decider = { name: withoutJunction(tasks[outcome.index]?.name ?? ""), state: outcome.state };
    return ruleReason(tasks[this.index]?.when ?? "all_success", this.counts, decider);
  }
}

/** It never runs: a watcher of its queue looks for what it waits for (WT-1). */
export function isSensor(task: Pick<RuledTask, "execution"> | undefined): boolean {
  return task?.execution?.via === "sensor";
}

/** Whether a group that has failed is tried again as a whole (GR-1). `decision` is that of its end. */
export function hasAttemptsLeft(group: GroupSpec | undefined, decision: RunDecision | null): boolean {
  return (decision?.failedAttempts ?? 0) < (group?.retries?.limit ?? 0);
}
