import type { PipelineDefinition } from "../core/definition.ts";
import type { Instant } from "../core/instant.ts";
import type { Json } from "../core/json.ts";
import { isJunction } from "../core/junction.ts";
import type { PipelineSpec, TaskSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import { Engine } from "../engine/engine.ts";
import { newRun } from "../engine/new-run.ts";
import type { OwnerProcesses } from "../engine/owner-processes.ts";
import type { AttemptOrder } from "../execution/executor.ts";
import { graphHash, relativeSpec } from "../execution/project/graph-hash.ts";
import { seededRandom } from "../ports/random.ts";
import type { CursorStore } from "../store/cursor-store.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import type { NewRun, NewSession } from "../store/store.ts";
import { drive } from "./drive.ts";
import { type Enactment, InProcessExecutor } from "./in-process-executor.ts";
import { memoryBlobs } from "./memory-blobs.ts";
import { PipelineRun } from "./pipeline-run.ts";
import { readFacts } from "./read-facts.ts";
import { RealAttempts } from "./real-attempts.ts";
import { AttemptScript, type Stub } from "./stub.ts";
import { VirtualClock } from "./virtual-clock.ts";

export interface RunPipelineOptions {
  /** The day to work on, `YYYY-MM-DD`; absent = the last complete interval, or now. */
  readonly date?: string;
  /** The interval to work on in place of a date, `START/END` or its start alone, as of `batuta run --interval`. */
  readonly interval?: string;
  /** The schedule whose interval is meant, of a pipeline with several; its first one when absent. */
  readonly schedule?: string;
  /** Raw parameters, as given on a command line; the pipeline's schema validates and completes them. */
  readonly params?: Readonly<Record<string, Json | undefined>>;
  /** What stands in for tasks, by name: `load`, `group.load`, or `load[3]` for one item. What is no task is an error. */
  readonly stubs?: Readonly<Record<string, Stub>>;
  /** Other pipelines of the project, which tasks of this one start. */
  readonly pipelines?: readonly PipelineDefinition[];
  /** How far its cursors have been moved before, by name. */
  readonly cursors?: Readonly<Record<string, Json>>;
  /** When the run is asked for, in virtual time; 2024-01-15T12:00:00Z when absent. */
  readonly now?: string;
  /** Settings of connections, by name. */
  readonly connections?: Readonly<Record<string, string>>;
  /** Folder of the project; the current one when absent. */
  readonly projectDir?: string;
  /** Real time that one task may take, in milliseconds; 30 s when absent. */
  readonly realTimeLimitMs?: number;
}

const NOW = "2024-01-15T12:00:00Z";
const REAL_TIME_LIMIT_MS = 30_000;
/** Nobody else works on the store in memory: duties have nothing to look for on their own, leases nothing to fear. */
const DAY_MS = 24 * 3_600_000;
const SEED = 1;
const VERSION = "test";
const PROJECT = "test";

/**
 * Runs a pipeline to its end: on the real engine and the real store, in memory, in virtual time. Retries of hours take
 * milliseconds. Tasks run in this process, unless a stub stands in for them; subprocess tasks run for real.
 *
 * Throws `invalid_params`, `invalid_date`, and `usage` for a stub whose task does not exist; a pipeline that fails is no
 * error but a result.
 *
 * @example
 * const run = await runPipeline(report, { date: "2024-01-02", params: { region: "eu" } });
 * run.succeeded().task("count_orders").returned(3);
 */
export async function runPipeline(
  pipeline: PipelineDefinition,
  options: RunPipelineOptions = {},
): Promise<PipelineRun> {
  const projectDir = options.projectDir ?? process.cwd();
  const stubs = options.stubs ?? {};
  const spec = withStubs(specOf(pipeline, projectDir), stubs);
  const others = options.pipelines ?? [];
  const specs = [spec, ...others.map((other) => specOf(other, projectDir))];
  const clock = new VirtualClock(startOf(options));
  const run = runOf(spec, pipeline.parseParams(options.params ?? {}), options, clock);
  const blobs = memoryBlobs();
  const definitions = new Map([...others, pipeline].map((one) => [one.spec.name, one]));
  const parts = { projectDir, blobs, connections: options.connections ?? {} };
  const real = new Map([...definitions].map(([name, one]) => [name, new RealAttempts({ pipeline: one, ...parts })]));
  const executor = new InProcessExecutor(
    clock,
    (order) => enactment(order, order.pipeline === spec.name ? stubs : {}, found(real, order.pipeline)),
    (name, raw) => found(definitions, name).parseParams(raw),
  );
  executor.onPoll = (poll) => {
    const { pipeline: name, task, mapKey } = poll.order;
    const stub = name === spec.name ? (stubs[taskRunName(task.name, mapKey)] ?? stubs[task.name]) : undefined;
    return found(real, name).poll(poll, stub, clock);
  };
  const store = openSqliteStore({ path: ":memory:", clock });
  const engine = new Engine(
    { store, executor, clock, processes: ALONE, queues: queuesOf(specs), pollMs: DAY_MS },
    SESSION,
  );
  try {
    await store.migrate();
    await store.saveVersion({ hash: VERSION, project: PROJECT, manifest: { format: 1, pipelines: specs } });
    await setCursors(store, spec, options.cursors ?? {});
    await engine.start();
    await engine.createRuns([run]);
    let ended = false;
    void engine.whenEnded(run.id).then(() => {
      ended = true;
    });
    await drive(clock, executor, () => ended, options.realTimeLimitMs ?? REAL_TIME_LIMIT_MS);
    return new PipelineRun(
      await readFacts({ store, blobs, pipeline: spec, logOf: (task) => found(real, spec.name).logOf(task) }, run.id),
    );
  } finally {
    await engine.stop();
    for (const attempts of real.values()) await attempts.close();
    await store.close();
  }
}

const ALONE: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };

const SESSION: NewSession = {
  id: "test",
  project: PROJECT,
  role: "server",
  process: { hostname: "test", hostId: "test", pid: 0, startTime: "0" },
  leaseMs: DAY_MS,
  runs: null,
};

async function setCursors(store: CursorStore, pipeline: PipelineSpec, values: Cursors): Promise<void> {
  const names = new Set(pipeline.tasks.flatMap(({ cursor }) => (cursor === undefined ? [] : [cursor.name])));
  for (const [name, value] of Object.entries(values)) {
    if (!names.has(name)) {
      const hint = names.size === 0 ? "None of its tasks has one." : `Its cursors: ${[...names].join(", ")}.`;
      throw new BatutaError("usage", `Pipeline "${pipeline.name}" has no cursor "${name}".`, { hint });
    }
    await store.setCursor({ project: PROJECT, pipeline: pipeline.name, name, value, actor: "test" });
  }
}

type Cursors = NonNullable<RunPipelineOptions["cursors"]>;

function runOf(pipeline: PipelineSpec, params: Json, asked: RunPipelineOptions, clock: VirtualClock): NewRun {
  const { date, interval, schedule } = asked;
  const request = {
    project: PROJECT,
    pipeline,
    versionHash: VERSION,
    trigger: "manual",
    params,
    actor: "test",
  } as const;
  const wanted = {
    ...(date === undefined ? {} : { date }),
    ...(interval === undefined ? {} : { interval }),
    ...(schedule === undefined ? {} : { schedule }),
  };
  return newRun({ ...request, ...wanted }, clock, seededRandom(SEED));
}

function enactment(order: AttemptOrder, stubs: Readonly<Record<string, Stub>>, real: RealAttempts): Enactment {
  const stub = stubs[taskRunName(order.task.name, order.mapKey)] ?? stubs[order.task.name];
  if (order.askOnly) return { kind: "real", run: (signal) => real.run(order, signal, undefined) };
  if (stub instanceof AttemptScript) return { kind: "scripted", attempt: stub.attempt(order.attempt) };
  return { kind: "real", run: (signal) => real.run(order, signal, stub) };
}

function startOf({ now = NOW }: RunPipelineOptions): Instant {
  const instant = Date.parse(now);
  if (!Number.isNaN(instant)) return instant;
  throw new BatutaError("invalid_date", `\`now\` is "${now}", which is no moment.`, {
    hint: "Write it like 2024-01-15T12:00:00Z.",
  });
}

function refuseUnknownStubs(pipeline: PipelineSpec, stubs: Readonly<Record<string, Stub>>): void {
  const names = pipeline.tasks.flatMap((task) => (isJunction(task) ? [] : [task.name]));
  const unknown = Object.keys(stubs).find((name) => !names.includes(name.replace(/\[[\d.]+\]$/, "")));
  if (unknown === undefined) return;
  throw new BatutaError("usage", `Pipeline "${pipeline.name}" has no task "${unknown}" to stub.`, {
    hint: `Its tasks: ${names.join(", ")}.`,
  });
}

function queuesOf(pipelines: readonly PipelineSpec[]): readonly string[] {
  return [...new Set(pipelines.flatMap(({ tasks }) => tasks.map((task) => task.queue)))];
}

function specOf({ spec }: PipelineDefinition, projectDir: string): PipelineSpec {
  const relative = relativeSpec(spec, projectDir);
  return { ...relative, graphHash: graphHash(relative) };
}

/** What a stub stands in for is called like a function, and starts no run of its own; of a sensor it is what looks. */
function withStubs(pipeline: PipelineSpec, stubs: Readonly<Record<string, Stub>>): PipelineSpec {
  refuseUnknownStubs(pipeline, stubs);
  const stubbed = new Set(Object.keys(stubs).map((name) => name.replace(/\[[\d.]+\]$/, "")));
  const tasks = pipeline.tasks.map((task) => (stubbed.has(task.name) ? stubbedTask(task) : task));
  return { ...pipeline, tasks };
}

function stubbedTask(task: TaskSpec): TaskSpec {
  const { execution } = task;
  if (execution.via === "pipeline") return { ...task, execution: { via: "function" } };
  if (execution.via !== "sensor") return task;
  return { ...task, execution: { ...execution, sensor: { ...execution.sensor, by: "function" } } };
}

function found<T>(byName: ReadonlyMap<string, T>, name: string): T {
  const one = byName.get(name);
  if (one !== undefined) return one;
  throw new BatutaError("not_found", `No pipeline "${name}" was given.`, {
    hint: "Give what tasks start: runPipeline(report, { pipelines: [load] }).",
  });
}
