import fc from "fast-check";
import { expect, inject, test } from "vitest";
import type { Claim, CompletionResult } from "../store.ts";
import { type RandomPipeline, randomPipelines } from "./random-pipelines.ts";
import { CANCELLED, FAILED, LOST, retrying, Scenario, SKIPPED, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

/**
 * Histories nobody thought of: random graphs, and random operations on them in random order, with all rows recounted
 * after each. In the end everything still unfinished is run out, and every run must have ended (I41).
 */
export function testRandomOperations(subject: Subject, histories: number): void {
  test("I01, I08, I09, I12, I24, I25, I45: rows, counts and events agree after any operation", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(randomPipelines, { minLength: 1, maxLength: 3 }),
        fc.array(operations),
        fc.nat(2),
        replay,
      ),
      { numRuns: histories, endOnFailure: true, seed: inject("firstSeed") },
    );
  });

  async function replay(
    pipelines: readonly RandomPipeline[],
    history: readonly Operation[],
    moreRuns: number,
  ): Promise<void> {
    await using scenario = await Scenario.begin(subject);
    scenario.limits = { pools: { db: 2 } };
    const sketches = pipelines.map(({ tasks }) => tasks);
    const runs = (await scenario.startMany(sketches, { spec: { maxRuns: 1 + moreRuns } })).map(({ id }) => id);
    const returnedBy = ({ runId, taskIndex }: Claim): string | undefined =>
      pipelines[runs.indexOf(runId)]?.values[scenario.nameOf({ runId, taskIndex })];
    const held: Claim[] = [];
    const stale: Claim[] = [];
    for (const operation of history) {
      await apply(scenario, { runs, held, stale, returnedBy }, operation);
      await scenario.check();
      for (const { used, slots = 0 } of await scenario.store.scopes("shop", "pool:")) {
        expect(used).toBeLessThanOrEqual(slots);
      }
    }
    await runOut(scenario, { runs, held, stale, returnedBy });
  }
}

type Operation =
  | { readonly kind: "claim"; readonly slots: number }
  | { readonly kind: "end"; readonly count: number; readonly results: readonly CompletionResult[] }
  | { readonly kind: "replay_stale"; readonly result: CompletionResult }
  | { readonly kind: "release"; readonly advanceMs: number }
  | { readonly kind: "cancel" | "rerun_failed" | "rerun_all"; readonly run: number }
  | { readonly kind: "clear" | "mark_success" | "mark_failed" | "kill"; readonly run: number; readonly task: number }
  | { readonly kind: "mark_run"; readonly run: number; readonly as: "success" | "failed" }
  | { readonly kind: "replay" | "resolve" }
  | { readonly kind: "reap" | "admit" | "pause" | "resume" };

interface State {
  readonly runs: readonly string[];
  /** Claims that are current, as far as the caller knows. */
  readonly held: Claim[];
  readonly stale: Claim[];
  /** What a task returns whose value decides something. */
  readonly returnedBy: (claim: Claim) => string | undefined;
}

async function apply(scenario: Scenario, state: State, operation: Operation): Promise<void> {
  const run = "run" in operation ? (state.runs[operation.run % state.runs.length] ?? "") : "";
  switch (operation.kind) {
    case "claim":
      state.held.push(...(await scenario.claim(operation.slots)));
      return;
    case "end":
      return endSome(scenario, state, operation);
    case "replay_stale": {
      const answers = await scenario.end(state.stale, operation.result);
      expect(answers.completions.every((answer) => answer === "stale")).toBe(true);
      return;
    }
    case "release":
      scenario.clock.advance(operation.advanceMs);
      await scenario.store.releaseRetries();
      return;
    case "cancel":
      await scenario.store.cancelRun(run, "anna");
      return;
    case "rerun_failed":
    case "rerun_all":
      await scenario.store.rerun(run, operation.kind === "rerun_all" ? "all" : "failed", "anna");
      return;
    case "mark_run":
      await scenario.store.mark({ run, as: operation.as, actor: "anna" });
      return letGo(scenario, state);
    case "clear":
    case "mark_success":
    case "mark_failed":
    case "kill":
      return actOnTask(scenario, state, { ...operation, run });
    case "replay":
    case "resolve":
      return closeLetter(scenario, operation.kind);
    case "reap":
      return reap(scenario, state);
    case "admit":
      await scenario.store.admitRuns();
      return;
    case "pause":
      await scenario.store.pausePipeline(PAUSE);
      return;
    case "resume":
      await scenario.store.resumePipeline(PAUSE);
      return;
  }
}

async function endSome(scenario: Scenario, state: State, { count, results }: Extract<Operation, { kind: "end" }>) {
  const ending = state.held.splice(0, count);
  const pairs = ending.map((claim, index) => [claim, valued(claim, results[index % results.length], state)] as const);
  const answer = await scenario.exchange(pairs, { slots: count });
  expect(answer.completions).toEqual(ending.map(() => "accepted"));
  state.stale.push(...ending);
  state.held.push(...answer.claims);
}

async function actOnTask(
  scenario: Scenario,
  state: State,
  { kind, run, task }: { readonly kind: string; readonly run: string; readonly task: number },
): Promise<void> {
  const by = { run, tasks: [{ name: `t${task}` }], actor: "anna" };
  if (kind === "clear") await scenario.store.clear({ ...by, downstream: task % 2 === 0 });
  else if (kind === "kill") await scenario.store.stop({ ...by, how: "kill" });
  else await scenario.store.mark({ ...by, as: kind === "mark_success" ? "success" : "failed" });
  await letGo(scenario, state);
}

async function closeLetter({ store }: Scenario, kind: "replay" | "resolve"): Promise<void> {
  const [letter] = await store.deadLetters({ project: "shop", state: "open", limit: 1 });
  if (letter === undefined) return;
  const request = { project: "shop", ids: [letter.id], actor: "anna" };
  if (kind === "replay") await store.replayDeadLetters(request);
  else await store.resolveDeadLetters({ ...request, note: "known" });
}

/** What was marked while it ran is held no longer. */
async function letGo(scenario: Scenario, state: State): Promise<void> {
  const leases = new Map(
    (await scenario.store.leasesOf(scenario.session)).map(({ taskRunKey, token }) => [taskRunKey, token]),
  );
  const isHeld = ({ taskRunKey, token }: Claim): boolean => leases.get(taskRunKey) === token;
  state.stale.push(...state.held.filter((claim) => !isHeld(claim)));
  state.held.splice(0, state.held.length, ...state.held.filter(isHeld));
}

function valued(claim: Claim, result: CompletionResult = SUCCESS, { returnedBy }: State): CompletionResult {
  const json = result.kind === "success" ? returnedBy(claim) : undefined;
  return json === undefined ? result : { kind: "success", output: { kind: "inline", json } };
}

async function reap(scenario: Scenario, state: State): Promise<void> {
  const lost = await scenario.store.reapSessions([scenario.session]);
  expect(lost.map(({ taskRunKey }) => taskRunKey).sort()).toEqual(
    state.held.map(({ taskRunKey }) => taskRunKey).sort(),
  );
  state.stale.push(...state.held.splice(0));
  scenario.session = await scenario.openSession(`${scenario.session}+`);
}

async function runOut(scenario: Scenario, state: State): Promise<void> {
  await scenario.store.resumePipeline(PAUSE);
  await scenario.exchange(state.held.map((claim) => [claim, valued(claim, SUCCESS, state)]));
  for (;;) {
    await scenario.runOut((_, claim) => valued(claim, SUCCESS, state));
    await scenario.check();
    scenario.clock.advance(10_000);
    if ((await scenario.store.releaseRetries()).released === 0) break;
  }
  for (const run of state.runs) {
    expect(["success", "failed", "cancelled"]).toContain(await scenario.runState(run));
  }
  expect(await scenario.store.failStalledRuns()).toEqual([]);
}

const PAUSE = { project: "shop", pipeline: "daily", actor: "anna" };

const results = fc.constantFrom(SUCCESS, SUCCESS, FAILED, SKIPPED, LOST, CANCELLED, retrying(0), retrying(2_000));

const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("claim"), slots: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("end"),
      count: fc.integer({ min: 1, max: 4 }),
      results: fc.array(results, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replay_stale"), result: results }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release"), advanceMs: fc.constantFrom(0, 1_000, 5_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("cancel", "rerun_failed", "rerun_all"), run: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("reap", "admit", "pause", "resume") }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom("clear", "mark_success", "mark_failed", "kill"),
      run: fc.nat(2),
      task: fc.nat(9),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("mark_run"),
      run: fc.nat(2),
      as: fc.constantFrom("success", "failed"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("replay", "resolve") }) },
);
