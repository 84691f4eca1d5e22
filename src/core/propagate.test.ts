import fc from "fast-check";
import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import type { Ended, NodeMove, NodeView } from "./node-decision.ts";
import { type PropagationRequest, propagate } from "./propagate.ts";
import { recount } from "./recount.ts";
import type { TaskRunState } from "./state.ts";
import { NO_UPSTREAM, TRIGGER_RULES, type TriggerRule, type UpstreamCounts } from "./trigger-rule.ts";

interface Task {
  readonly name: string;
  readonly when: TriggerRule;
  readonly upstream: readonly number[];
}

type Outcome = "success" | "failed" | "skipped" | "cancelled";

test("a finished task makes its dependants ready, and says who decided", () => {
  const run = new SimulatedRun([task("a"), task("b"), task("c", [0, 1])]);
  expect(run.states()).toEqual(["queued", "queued", "scheduled"]);
  run.finish([{ index: 0, state: "success" }]);
  expect(run.states()).toEqual(["success", "queued", "scheduled"]);
  run.finish([{ index: 1, state: "success" }]);
  expect(run.states()).toEqual(["success", "success", "queued"]);
});

test("TR-14: a failure travels one hop at a time, through rules that decide differently", () => {
  const run = new SimulatedRun([
    task("extract"),
    task("join", [0]),
    task("load", [1]),
    task("clean_up", [1], "all_done"),
    task("alert", [1], "one_failed"),
    task("rescue", [2], "all_success"),
  ]);
  run.finish([{ index: 0, state: "failed" }]);
  expect(run.states()).toEqual(["failed", "upstream_failed", "upstream_failed", "queued", "queued", "upstream_failed"]);
  expect(run.reasons.get(1)).toBe("all_success: extract failed");
  expect(run.reasons.get(2)).toBe("all_success: join could not run");
});

test("TR-14: a skip stops at a rule that accepts it, and goes on through one that does not", () => {
  const run = new SimulatedRun([
    task("branch"),
    task("left", [0]),
    task("strict", [1]),
    task("tolerant", [1], "none_failed"),
  ]);
  run.finish([{ index: 0, state: "skipped" }]);
  expect(run.states()).toEqual(["skipped", "skipped", "skipped", "queued"]);
  expect(run.reasons.get(2)).toBe("all_success: left was skipped");
});

test("what all upstream together did not bring is said as such", () => {
  const run = new SimulatedRun([task("a"), task("b"), task("c"), task("any", [0, 1, 2], "one_success")]);
  run.finish([
    { index: 0, state: "failed" },
    { index: 1, state: "skipped" },
    { index: 2, state: "cancelled" },
  ]);
  expect(run.reasons.get(3)).toBe("one_success: none of 3 upstream tasks succeeded");
});

test("a dependant that is no longer scheduled gets its counts and stays where it is", () => {
  const tasks = [task("a"), task("b"), task("early", [0, 1], "one_done")];
  for (const state of ["queued", "running", "retrying", "cancelled", "removed", "success"] as const) {
    const known = new Map([[2, view(state, { total: 2, failed: 1 })]]);
    const { changes } = propagate(request(tasks, [ended(1, "failed")], known));
    expect(changes).toMatchObject([{ index: 2, from: state, counts: { ...NO_UPSTREAM, total: 2, failed: 2 } }]);
    expect(changes[0]?.to).toBeUndefined();
  }
});

test("task runs that end together count for each other, but what has ended does not move", () => {
  const tasks = [task("a"), task("b", [0], "always"), task("c", [1])];
  const known = new Map<number, NodeView>([
    [1, view("scheduled", { total: 1 })],
    [2, view("scheduled", { total: 1 })],
  ]);
  const { changes } = propagate(request(tasks, [ended(0, "failed"), ended(1, "success")], known));
  expect(changes.map(({ index, from, to }) => ({ index, from, to }))).toEqual([
    { index: 1, from: "success", to: undefined },
    { index: 2, from: "scheduled", to: "queued" },
  ]);
});

test("what is not known is asked for: first the dependants, then all that a cascade may reach", () => {
  const size = 1_000;
  const tasks = Array.from({ length: size }, (_, index) => task(`t${index}`, index === 0 ? [] : [index - 1]));
  const all = new Map(
    recountAll(tasks, scheduled(tasks)).map(({ index, from, counts }) => [
      index,
      { state: from, counts, decision: null },
    ]),
  );
  const known = new Map<number, NodeView>();
  const calls: number[] = [];
  for (;;) {
    const { changes, missing } = propagate(request(tasks, [ended(0, "failed")], known));
    calls.push(missing.length);
    if (missing.length === 0) {
      expect(changes.map(({ to }) => to)).toEqual(new Array(size - 1).fill("upstream_failed"));
      break;
    }
    expect(changes).toEqual([]);
    for (const { index } of missing) known.set(index, all.get(index) ?? view("scheduled"));
  }
  expect(calls).toEqual([1, size - 2, 0]);
});

test("tasks that are no part of the run are neither counted nor asked for", () => {
  const tasks = [task("a"), task("b", [0]), task("c", [0, 1])];
  const states = new Map<number, TaskRunState>([
    [0, "scheduled"],
    [2, "scheduled"],
  ]);
  const changes = recountAll(tasks, states);
  expect(changes.map(({ index, counts, to }) => [index, counts.total, to])).toEqual([
    [0, 0, "queued"],
    [2, 1, undefined],
  ]);
  const known = new Map([[2, view("scheduled", { total: 1 })]]);
  const partOfRun = ({ index }: { readonly index: number }) => index !== 1;
  const asked = { ...request(tasks, [ended(0, "success")], known), partOfRun };
  expect(propagate(asked).changes.map(({ index, to }) => [index, to])).toEqual([[2, "queued"]]);
});

test("a recount after a clear decides again what was put back, and carries that on", () => {
  const tasks = [task("a"), task("b", [0]), task("c", [1])];
  const states: [number, TaskRunState][] = [
    [0, "failed"],
    [1, "scheduled"],
    [2, "scheduled"],
  ];
  expect(recountAll(tasks, new Map(states)).map(({ to }) => to)).toEqual([
    undefined,
    "upstream_failed",
    "upstream_failed",
  ]);
});

test("I45: counts kept along the way equal a recount from scratch, in any graph, order and batch", () => {
  fc.assert(
    fc.property(randomRun(), ({ tasks, outcomes, order }) => {
      const run = new SimulatedRun(tasks);
      for (let turn = 0; run.hasQueued(); turn++) {
        run.finish(run.nextBatch(order, turn, outcomes));
        const again = recountAll(tasks, run.stateMap());
        expect(again.map(({ counts }) => counts)).toEqual(run.counts());
        expect(again.filter(({ to }) => to !== undefined)).toEqual([]);
      }
      expect(run.states().every((state) => state !== "scheduled")).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("no outcome depends on the order in which tasks finish", () => {
  fc.assert(
    fc.property(randomRun(), fc.infiniteStream(fc.nat()), ({ tasks, outcomes, order }, otherOrder) => {
      const runs = [order, [...otherOrder.take(40)]].map((picks) => {
        const run = new SimulatedRun(tasks);
        for (let turn = 0; run.hasQueued(); turn++) run.finish(run.nextBatch(picks, turn, outcomes));
        return run.states();
      });
      expect(runs[0]).toEqual(runs[1]);
    }),
    { numRuns: 300 },
  );
});

test("a fan-out of 10,000 and a chain of 10,000 are decided in one call each", () => {
  const size = 10_000;
  const fan = Array.from({ length: size }, (_, index) => task(`t${index}`, index === 0 ? [] : [0]));
  const chain = Array.from({ length: size }, (_, index) => task(`t${index}`, index === 0 ? [] : [index - 1]));
  for (const [tasks, state, to] of [
    [fan, "success", "queued"],
    [chain, "failed", "upstream_failed"],
  ] as const) {
    const run = new SimulatedRun(tasks);
    run.finish([{ index: 0, state }]);
    expect(run.states().slice(1)).toEqual(new Array(size - 1).fill(to));
  }
});

/** A run without a store: applies what core decides. */
class SimulatedRun {
  readonly reasons = new Map<number, string | undefined>();
  readonly #tasks: readonly Task[];
  readonly #nodes: Map<number, NodeView>;

  constructor(tasks: readonly Task[]) {
    this.#tasks = tasks;
    const changes = recountAll(tasks, scheduled(tasks));
    this.#nodes = new Map(
      changes.map(({ index, counts, from, to }) => [index, { counts, state: stateAfter(from, to), decision: null }]),
    );
  }

  finish(outcomes: readonly { readonly index: number; readonly state: TaskRunState }[]): void {
    for (const { index, state } of outcomes) this.#nodes.set(index, { ...this.#node(index), state });
    const finished = outcomes.map(({ index, state }) => ended(index, state));
    const { changes, missing } = propagate(request(this.#tasks, finished, this.#nodes));
    expect(missing).toEqual([]);
    for (const { index, counts, from, to, reason } of changes) {
      expect(from).toBe(this.#node(index).state);
      this.#nodes.set(index, { counts, state: stateAfter(from, to), decision: null });
      if (to !== undefined) this.reasons.set(index, reason);
    }
  }

  hasQueued(): boolean {
    return this.states().includes("queued");
  }

  /** Some of the queued task runs, chosen by the turn's number, each with the outcome that was drawn for it. */
  nextBatch(
    order: readonly number[],
    turn: number,
    outcomes: readonly Outcome[],
  ): readonly { readonly index: number; readonly state: TaskRunState }[] {
    const queued = [...this.#nodes].filter(([, { state }]) => state === "queued").map(([index]) => index);
    const pick = order[turn % order.length] ?? 0;
    const size = 1 + (pick % Math.min(queued.length, 4));
    const start = pick % queued.length;
    const batch = Array.from({ length: size }, (_, offset) => queued[(start + offset) % queued.length] ?? 0);
    return batch.map((index) => ({ index, state: outcomes[index] ?? "success" }));
  }

  states(): readonly TaskRunState[] {
    return [...this.#nodes.values()].map(({ state }) => state);
  }

  stateMap(): ReadonlyMap<number, TaskRunState> {
    return new Map([...this.#nodes].map(([index, { state }]) => [index, state]));
  }

  counts() {
    return [...this.#nodes.values()].map(({ counts }) => counts);
  }

  #node(index: number): NodeView {
    const node = this.#nodes.get(index);
    if (node === undefined) throw new Error(`There is no task ${index}.`);
    return node;
  }
}

function randomRun() {
  const edges = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 20 });
  return edges.chain((ups) =>
    fc.record({
      tasks: fc
        .array(fc.constantFrom(...TRIGGER_RULES), { minLength: ups.length, maxLength: ups.length })
        .map((rules) => rules.map((when, index) => task(`t${index}`, upstreamOf(ups[index] ?? [], index), when))),
      outcomes: fc.array(fc.constantFrom<Outcome>("success", "failed", "skipped", "cancelled"), {
        minLength: ups.length,
        maxLength: ups.length,
      }),
      order: fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
    }),
  );
}

function upstreamOf(draws: readonly number[], index: number): readonly number[] {
  if (index === 0) return [];
  return [...new Set(draws.map((draw) => draw % index))].sort((one, other) => one - other);
}

function task(name: string, upstream: readonly number[] = [], when: TriggerRule = "all_success"): Task {
  return { name, upstream, when };
}

function scheduled(tasks: readonly Task[]): ReadonlyMap<number, TaskRunState> {
  return new Map(tasks.map((_, index) => [index, "scheduled"]));
}

function view(state: TaskRunState, counts: Partial<UpstreamCounts> = {}): NodeView {
  return { state, counts: { ...NO_UPSTREAM, ...counts }, decision: null };
}

function ended(index: number, state: TaskRunState): Ended {
  return { index, path: "", state, decision: null };
}

function request(
  tasks: readonly Task[],
  finished: readonly Ended[],
  known: ReadonlyMap<number, NodeView>,
): PropagationRequest {
  return { tasks, graph: graphOf({ tasks }), finished, known: ({ index }) => known.get(index) };
}

function recountAll(tasks: readonly Task[], states: ReadonlyMap<number, TaskRunState>) {
  const rows = [...states].map(([index, state]) => ({ index, path: "", state, decision: null }));
  return recount({ tasks, graph: graphOf({ tasks }) }, rows);
}

/** None of these tasks is mapped or in a group, so a move leads to a state. */
function stateAfter(from: TaskRunState, to: NodeMove | undefined): TaskRunState {
  if (to === "expand" || to === "retry_group") throw new Error(`Nothing here can ${to}.`);
  return to ?? from;
}
