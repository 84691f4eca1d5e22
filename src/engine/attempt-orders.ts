import type { TaskSpec } from "../core/manifest.ts";
import { labelPathsOver } from "../core/map-source.ts";
import type { PastSuccess } from "../core/past-success.ts";
import { BatutaError } from "../core/problem.ts";
import type { TaskRunState } from "../core/state.ts";
import { mayStartWithoutSuccess } from "../core/trigger-rule.ts";
import type { StoredValue } from "../core/value.ts";
import type { AttemptOrder, InputValue } from "../execution/executor.ts";
import { sha256Hex } from "../ports/digest.ts";
import type { Claim, RunId, Store } from "../store/store.ts";
import type { CompiledRun, CompiledVersions } from "./compiled-versions.ts";
import { ItemLists } from "./item-lists.ts";
import { PastSuccesses } from "./past-successes.ts";
import { RunStarts } from "./run-starts.ts";
import { type Inputs, upstreamValues } from "./upstream-values.ts";

/** Turns claims into orders: adds what the run, its version and the upstream tasks say. */
export class AttemptOrders {
  readonly #store: OrderFacts;
  readonly #versions: CompiledVersions;
  readonly #items: ItemLists;
  readonly #past: PastSuccesses;
  readonly #starts: RunStarts;

  constructor(store: OrderFacts, versions: CompiledVersions) {
    this.#store = store;
    this.#versions = versions;
    this.#items = new ItemLists(store);
    this.#past = new PastSuccesses(store);
    this.#starts = new RunStarts(store);
  }

  /** Orders for claims of one run, in their order; an error in place of one that cannot be written. */
  async ofRun(runId: RunId, claims: readonly Claim[]): Promise<readonly (AttemptOrder | BatutaError)[]> {
    const compiled = await this.#compiled(runId, claims);
    const inputs = await this.#inputs(compiled, claims);
    const starters = await this.#starters(compiled);
    const items = compiled.levels.isMapped ? await this.#items.of(compiled, claims) : [];
    const orders: (AttemptOrder | BatutaError)[] = [];
    for (const [index, claim] of claims.entries()) {
      const item = items[index];
      if (item === undefined && claim.mapKey !== "") orders.push(itemIsGone(compiled, claim));
      else {
        const lastSuccess = await this.#past.before(compiled.run, claim.generation);
        const facts = { input: inputs[index] ?? {}, lastSuccess };
        const written = { ...order(compiled, claim, facts), ...starters };
        const askFirst = await this.#asksFirst(compiled, claim);
        const cursor = await this.#cursorOf(compiled, written.task);
        orders.push({ ...written, ...(item === undefined ? {} : { item }), ...cursor, askFirst });
      }
    }
    return orders;
  }

  async #compiled(runId: RunId, claims: readonly Claim[]): Promise<CompiledRun> {
    const known = this.#versions.known(runId);
    if (known !== undefined) return known;
    const start = await this.#starts.of(runId);
    if (start === undefined) throw new BatutaError("not_found", `Run ${runId} is not in the store.`);
    for (const { generation } of claims) this.#past.know(runId, generation, start.lastSuccess);
    return this.#versions.know(start.run);
  }

  async #starters({ run }: CompiledRun): Promise<Pick<AttemptOrder, "events">> {
    return run.trigger === "sensor" ? { events: await this.#store.eventsOf(run.id) } : {};
  }

  /** Before the first attempt (SK-3, RT-7), and again when nothing but the asking has failed so far. */
  async #asksFirst(compiled: CompiledRun, { runId, taskIndex, mapKey, generation, attempt, lost }: Claim) {
    const task = taskOf(compiled, taskIndex);
    if (!task.hasDoneWhen && task.hasRunIf === undefined) return false;
    if (attempt - lost === 1) return true;
    const earlier = (await this.#store.attempts(runId, taskIndex, mapKey)).filter(
      (record) => record.generation === generation && record.attempt < attempt,
    );
    return earlier.every(({ outcome, failure }) => outcome === "lost" || failure?.asking !== undefined);
  }

  /** Read when the attempt has been claimed: from then on no other task moves it. */
  async #cursorOf({ run }: CompiledRun, { cursor: spec }: TaskSpec): Promise<Pick<AttemptOrder, "cursor">> {
    if (spec === undefined) return {};
    const { name, initial = null } = spec;
    const found = await this.#store.cursor({ project: run.project, pipeline: run.pipeline, name });
    const value = found === undefined ? initial : found.value;
    return { cursor: { name, json: JSON.stringify(value), version: found?.version ?? 0 } };
  }

  async #inputs(compiled: CompiledRun, claims: readonly Claim[]): Promise<readonly Inputs[]> {
    if (compiled.levels.isMapped) return upstreamValues(this.#store, compiled, claims);
    const tasks = claims.map(({ taskIndex }) => taskOf(compiled, taskIndex));
    const facts = await this.#facts(compiled, tasks);
    return tasks.map((task) => inputOf(task, facts));
  }

  async #facts(compiled: CompiledRun, tasks: readonly TaskSpec[]): Promise<UpstreamFacts> {
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

type OrderFacts = Pick<
  Store,
  "outputs" | "taskRuns" | "taskRunsAt" | "values" | "attempts" | "cursor" | "pastSuccess" | "eventsOf" | "runStarts"
>;

type UpstreamStates = ReadonlyMap<number, TaskRunState>;

interface UpstreamFacts {
  readonly values: ReadonlyMap<number, StoredValue>;
  readonly states: UpstreamStates;
}

const NOTHING: UpstreamFacts = { values: new Map(), states: new Map() };

interface ReadForOrder {
  readonly input: Inputs;
  readonly lastSuccess: PastSuccess | undefined;
}

function order(
  compiled: CompiledRun,
  claim: Claim,
  { input, lastSuccess }: ReadForOrder,
): Omit<AttemptOrder, "askFirst"> {
  const { run, pipeline } = compiled;
  const task = taskOf(compiled, claim.taskIndex);
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
    ...(run.isPartial ? { isPartial: true as const } : {}),
    ...scheduleOf(compiled),
    timezone: run.timezone,
    ds: run.ds,
    params: run.params,
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    input,
    ...(task.isMapSource ? { labelPaths: labelPathsOver(pipeline, claim.taskIndex) } : {}),
    idempotencyKey: sha256Hex([run.project, run.id, task.name, claim.mapKey, claim.generation].join("\n")),
  };
}

function scheduleOf({ run, pipeline }: CompiledRun): Pick<AttemptOrder, "schedule"> {
  const { schedule: name, timezone } = run;
  if (name === undefined) return {};
  const spec = pipeline.schedules?.find((schedule) => schedule.name === name);
  return { schedule: { name, timezone, ...(spec === undefined ? {} : { timing: spec.timing }) } };
}

/** Only the claim of a task run that has been cleared meanwhile, with its source, finds none. */
function itemIsGone({ pipeline }: CompiledRun, { taskIndex, mapKey }: Claim): BatutaError {
  const task = pipeline.tasks[taskIndex]?.name ?? "";
  return new BatutaError("not_found", `The list that ${task} goes over has no item ${mapKey} any more.`, {
    hint: "Run the task that gives the list again.",
  });
}

function taskOf({ run, pipeline }: CompiledRun, index: number): TaskSpec {
  const task = pipeline.tasks[index];
  if (task === undefined) throw new Error(`Run ${run.id} has no task ${index} in ${run.pipeline}.`);
  return task;
}

function inputOf(task: TaskSpec, facts: UpstreamFacts): Inputs {
  const input: Record<string, InputValue> = {};
  for (const [name, index] of Object.entries(task.input)) {
    const value = facts.values.get(index);
    const state = facts.states.get(index) ?? "success";
    input[name] = value === undefined ? { state } : { state, value };
  }
  return input;
}
