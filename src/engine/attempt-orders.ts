import type { TaskSpec } from "../core/manifest.ts";
import type { TaskRunState } from "../core/state.ts";
import { mayStartWithoutSuccess } from "../core/trigger-rule.ts";
import type { StoredValue } from "../core/value.ts";
import type { AttemptOrder, InputValue } from "../execution/executor.ts";
import { sha256Hex } from "../ports/digest.ts";
import type { Claim, RunId, Store } from "../store/store.ts";
import type { CompiledRun, CompiledVersions } from "./compiled-versions.ts";

/** Turns claims into orders: adds what the run, its version and the upstream tasks say. */
export class AttemptOrders {
  readonly #store: Pick<Store, "outputs" | "taskRuns">;
  readonly #versions: CompiledVersions;

  constructor(store: Pick<Store, "outputs" | "taskRuns">, versions: CompiledVersions) {
    this.#store = store;
    this.#versions = versions;
  }

  /** Orders for claims of one run, in their order. */
  async ofRun(runId: RunId, claims: readonly Claim[]): Promise<readonly AttemptOrder[]> {
    const compiled = await this.#versions.ofRun(runId);
    const inputs = await this.#inputs(compiled, claims);
    return claims.map((claim) => order(compiled, claim, inputs));
  }

  async #inputs(compiled: CompiledRun, claims: readonly Claim[]): Promise<UpstreamFacts> {
    const tasks = claims.map((claim) => taskOf(compiled, claim));
    const wanted = [...new Set(tasks.flatMap((task) => Object.values(task.input)))];
    if (wanted.length === 0) return NOTHING;
    const { only, id, borrowsFrom } = compiled.run;
    const own = only === undefined ? wanted : wanted.filter((index) => only.includes(index));
    const borrowed = wanted.filter((index) => !own.includes(index));
    const values = new Map(own.length === 0 ? [] : await this.#store.outputs(id, own));
    if (borrowed.length > 0 && borrowsFrom !== undefined) {
      for (const [index, value] of await this.#store.outputs(borrowsFrom, borrowed)) values.set(index, value);
    }
    return { values, states: await this.#states(compiled, tasks, own) };
  }

  /** States matter only where a rule lets a task start without an upstream's success; elsewhere all are `success`. */
  async #states(compiled: CompiledRun, tasks: readonly TaskSpec[], own: readonly number[]): Promise<UpstreamStates> {
    if (!tasks.some((task) => mayStartWithoutSuccess(task.when))) return new Map();
    const rows = await this.#store.taskRuns(compiled.run.id, { taskIndexes: own });
    return new Map(rows.map((row) => [row.taskIndex, row.state]));
  }
}

type UpstreamStates = ReadonlyMap<number, TaskRunState>;

interface UpstreamFacts {
  readonly values: ReadonlyMap<number, StoredValue>;
  readonly states: UpstreamStates;
}

const NOTHING: UpstreamFacts = { values: new Map(), states: new Map() };

function order({ run, pipeline }: CompiledRun, claim: Claim, facts: UpstreamFacts): AttemptOrder {
  const task = taskOf({ run, pipeline }, claim);
  return {
    runId: run.id,
    taskRunKey: claim.taskRunKey,
    generation: claim.generation,
    attempt: claim.attempt,
    token: claim.token,
    project: run.project,
    pipeline: run.pipeline,
    versionHash: run.versionHash,
    graphHash: pipeline.graphHash,
    pipelineFile: pipeline.location.file,
    task,
    mapKey: claim.mapKey,
    trigger: run.trigger,
    interval: run.interval,
    timezone: run.timezone,
    ds: run.ds,
    params: run.params,
    input: inputOf(task, facts),
    idempotencyKey: sha256Hex([run.project, run.id, task.name, claim.mapKey, claim.generation].join("\n")),
    askDoneWhen: task.hasDoneWhen && claim.attempt - claim.lost === 1,
  };
}

function taskOf({ run, pipeline }: CompiledRun, claim: Claim): TaskSpec {
  const task = pipeline.tasks[claim.taskIndex];
  if (task === undefined) throw new Error(`Run ${run.id} has no task ${claim.taskIndex} in ${run.pipeline}.`);
  return task;
}

function inputOf(task: TaskSpec, facts: UpstreamFacts): Record<string, InputValue> {
  const input: Record<string, InputValue> = {};
  for (const [name, index] of Object.entries(task.input)) {
    const value = facts.values.get(index);
    const state = facts.states.get(index) ?? "success";
    input[name] = value === undefined ? { state } : { state, value };
  }
  return input;
}
