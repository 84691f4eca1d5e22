import { isFinished, type RunState, type TaskRunState } from "../../core/state.ts";
import type { Claim, CompletionResult, RunId } from "../store.ts";
import type { PipelineSketch } from "./pipelines.ts";
import { CANCELLED, FAILED, retrying, type Scenario, SKIPPED, SUCCESS } from "./scenario.ts";

/** A task run called `target` in any state, in a run in any state: where a matrix of what may be done to them begins. */

/** Whether there is such a task run: a run that has ended has none that has not, and one that is stopped none that waits. */
export function isReachable(state: TaskRunState, runState: RunState): boolean {
  if (runState === "queued") return ["scheduled", "deferred"].includes(state) || isFinished(state);
  if (["scheduled", "queued", "retrying", "deferred"].includes(state)) return runState === "running";
  return state !== "running" || runState === "running" || runState === "cancelling";
}

/** A new run in this state, with its task `target` in that state. */
export async function driveTo(scenario: Scenario, state: TaskRunState, runState: RunState): Promise<RunId> {
  const tasks: PipelineSketch = {
    pre: { allowFailure: true },
    target: { after: ["pre"], allowFailure: runState === "success" },
    below: { after: ["target"] },
    hold: {},
  };
  if (runState === "queued" && state === "scheduled") {
    return scenario.start(tasks, { pipeline: "closed", spec: { maxRuns: 0 } });
  }
  if (runState === "queued" && state === "deferred") return giveBack(scenario, tasks);
  const run = await scenario.start(
    state === "removed" ? { ...tasks, target: { ...tasks.target, over: "pre" } } : tasks,
  );
  const hold = await (state === "removed" ? removeTarget : driveTarget)(scenario, run, state);
  if (runState === "cancelling" || runState === "cancelled") await scenario.store.cancelRun(run, "bert");
  if (["running", "cancelling"].includes(runState)) return run;
  await scenario.end([hold], HOLD_ENDS[runState] ?? SUCCESS);
  await scenario.runOut();
  if (runState === "queued") await reopenWithoutRoom(scenario, run);
  return run;
}

/** It waits for its place until nothing is limited any more. */
async function reopenWithoutRoom({ store }: Scenario, run: RunId): Promise<void> {
  const limit = { project: "shop", name: "runs:daily", declared: { name: "runs:daily", slots: 16 }, actor: "bert" };
  await store.setScopeLimit({ ...limit, slots: 0 });
  await store.clear({ run, tasks: [{ name: "hold" }], actor: "bert" });
  await store.setScopeLimit({ ...limit, slots: null });
}

/** Its target waits for the run before, and another run has its place. */
async function giveBack(scenario: Scenario, tasks: PipelineSketch): Promise<RunId> {
  const sketch = { ...tasks, target: { ...tasks.target, dependsOnPast: true as const } };
  const pipeline = `past ${(await scenario.store.runs({ limit: 1_000 })).length}`;
  const day = (start: number) =>
    scenario.start(sketch, { pipeline, interval: { start, end: start + 1 }, spec: { maxRuns: 1 } });
  const before = await day(1);
  await scenario.end(await scenario.claim(9, { runs: [before] }), SUCCESS);
  await scenario.store.releasePast();
  await scenario.end(await scenario.claim(9, { runs: [before] }), FAILED);
  const run = await day(2);
  await scenario.end(await scenario.claim(9, { runs: [run] }), SUCCESS);
  await day(3);
  await scenario.store.releasePast();
  return run;
}

/** It was the second item of a list that has one by now. */
async function removeTarget(scenario: Scenario, run: RunId): Promise<Claim> {
  const claims = await scenario.claim(2);
  const hold = claimOf(scenario, claims, "hold");
  await scenario.end([claimOf(scenario, claims, "pre")], listOf(["eu", "us"]));
  await scenario.end(await scenario.claim(2), FAILED);
  await scenario.store.clear({ run, tasks: [{ name: "pre" }], downstream: true, actor: "bert" });
  await scenario.end(await scenario.claim(1), listOf(["eu"]));
  await scenario.end(await scenario.claim(1), SUCCESS);
  return hold;
}

function listOf(items: readonly string[]): CompletionResult {
  return { kind: "success", output: { kind: "inline", json: JSON.stringify(items) } };
}

/** It waits for a run of another pipeline. */
async function defer(scenario: Scenario, { taskRunKey, token }: Claim): Promise<void> {
  const { session, store } = scenario;
  const child = await scenario.plan({ rows: {} }, { pipeline: "load" });
  const result = { kind: "deferred", reason: `child: ${child.id}` } as const;
  await store.completeAndClaim([{ taskRunKey, token, session, result, child }], undefined);
}

const HOLD_ENDS: Partial<Record<RunState, CompletionResult>> = { failed: FAILED, cancelled: CANCELLED };

const ENDINGS: Partial<Record<TaskRunState, CompletionResult>> = {
  ...{ success: SUCCESS, failed: FAILED, skipped: SKIPPED, retrying: retrying(60_000) },
};

async function driveTarget(scenario: Scenario, run: RunId, state: TaskRunState): Promise<Claim> {
  const claims = await scenario.claim(2);
  const pre = claimOf(scenario, claims, "pre");
  const hold = claimOf(scenario, claims, "hold");
  if (state === "scheduled") return hold;
  await scenario.end([pre], state === "upstream_failed" ? FAILED : SUCCESS);
  if (state === "upstream_failed" || state === "queued") return hold;
  if (state === "cancelled") {
    await scenario.store.stop({ run, how: "cancel", tasks: [{ name: "target" }], actor: "bert" });
    return hold;
  }
  const target = claimOf(scenario, await scenario.claim(1), "target");
  if (state === "deferred") await defer(scenario, target);
  const ending = ENDINGS[state];
  if (ending !== undefined) await scenario.end([target], ending);
  return hold;
}

function claimOf(scenario: Scenario, claims: readonly Claim[], task: string): Claim {
  const claim = claims.find((candidate) => scenario.nameOf(candidate) === task);
  if (claim === undefined) throw new Error(`${task} was not claimed`);
  return claim;
}
