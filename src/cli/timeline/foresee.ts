import type { Instant } from "../../core/instant.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import { Engine } from "../../engine/engine.ts";
import type { OwnerProcesses } from "../../engine/owner-processes.ts";
import type { DutyProblem } from "../../engine/service.ts";
import { promisesAtRest } from "../../ports/clock.ts";
import type { MissedDeadline } from "../../store/deadline-store.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { NewSession, RunRecord, Store, TaskRunRecord } from "../../store/store.ts";
import { InProcessExecutor } from "../../testing/in-process-executor.ts";
import { returns } from "../../testing/stub.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import type { ForeseenProject } from "./foreseen-project.ts";
import type { TaskTimes } from "./task-times.ts";

/** What will happen, as the store in memory tells it afterwards. */
export interface Foresight {
  readonly runs: readonly ForeseenRun[];
  readonly missed: readonly MissedDeadline[];
}

export interface ForeseenRun {
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  readonly taskRuns: readonly TaskRunRecord[];
}

/** Longer than anything that is looked at: duties have nothing to look for on their own, leases nothing to fear. */
const FOREVER_MS = 400 * 86_400_000;

const LOOK_MS = 10_000;

/**
 * Lives through the time ahead: the real engine over a store in memory, on a clock that jumps from one event to the
 * next, with an executor whose tasks take what they took before.
 */
export async function foresee(foreseen: ForeseenProject): Promise<Foresight> {
  const { now, to, slots } = foreseen;
  const clock = new VirtualClock(now);
  const store = openSqliteStore({ path: ":memory:", clock });
  const taking = durationsOf(foreseen);
  const executor = new InProcessExecutor(
    clock,
    ({ runId, pipeline, task }) => {
      const ms = taking(runId, pipeline, task.name);
      return { kind: "scripted", attempt: returns(null).taking(ms).attempt(1) };
    },
    (_pipeline, raw) => Object.fromEntries(Object.entries(raw).filter(([, value]) => value !== undefined)),
    slots,
  );
  const parts = { store, executor, clock, processes: ALONE, queues: queuesOf(foreseen), pollMs: pollMsOf(foreseen) };
  const problems: DutyProblem[] = [];
  const engine = new Engine(parts, session(foreseen), { onProblem: (problem) => problems.push(problem) });
  try {
    await store.migrate();
    await prepare(store, foreseen);
    await engine.start();
    await liveUntil(clock, to, problems);
    const runs = await runsOf(store, foreseen.project);
    return { runs, missed: await store.missedDeadlines(runs.map(({ run }) => run.id)) };
  } finally {
    await engine.stop();
    await store.close();
  }
}

/** Ends of runs that let others begin are seen by looking for them, and each look takes its time. */
function pollMsOf({ manifest }: ForeseenProject): number {
  const follows = manifest.pipelines.some(
    ({ triggers = [], schedules = [] }) =>
      triggers.some(({ source }) => source.kind === "pipeline") ||
      schedules.some(({ timing }) => timing.kind === "continuous"),
  );
  return follows ? LOOK_MS : FOREVER_MS;
}

const ALONE: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };

const VERSION = "foreseen";
const ACTOR = "timeline";

function session({ project }: ForeseenProject): NewSession {
  return {
    ...{ id: "foreseen", project, role: "server", leaseMs: FOREVER_MS, runs: null },
    process: { hostname: "foreseen", hostId: "foreseen", pid: 0, startTime: "0" },
  };
}

function queuesOf({ manifest, begun }: ForeseenProject): readonly string[] {
  const pipelines = [...manifest.pipelines, ...begun.map(({ pipeline }) => pipeline)];
  return [...new Set(pipelines.flatMap(({ tasks }) => tasks.map(({ queue }) => queue)))];
}

/** Brings the project to where it stands: begun runs first, which hold what they hold. */
async function prepare(store: Store, foreseen: ForeseenProject): Promise<void> {
  const { project, manifest, begun, paused, overrides } = foreseen;
  for (const [hash, runs] of Map.groupBy(begun, ({ run }) => run.versionHash)) {
    const byName = new Map(runs.map(({ pipeline }) => [pipeline.name, pipeline]));
    await store.saveVersion({ hash, project, manifest: { ...manifest, pipelines: [...byName.values()] } });
  }
  await store.saveVersion({ hash: VERSION, project, manifest: withoutFiles(manifest) });
  await store.createRuns(begun.map(({ run }) => run));
  for (const { pipeline, pausedBy } of paused) await store.pausePipeline({ project, pipeline, actor: pausedBy });
  for (const { name, override = null, declared = 0 } of overrides) {
    await store.setScopeLimit({ project, name, slots: override, declared: { name, slots: declared }, actor: ACTOR });
  }
  await store.deploy({ project, versionHash: VERSION, actor: ACTOR });
}

/** Nobody knows what files will come, so nobody looks for them. */
function withoutFiles(manifest: ForeseenProject["manifest"]): ForeseenProject["manifest"] {
  const pipelines = manifest.pipelines.map(({ triggers, ...pipeline }) =>
    triggers === undefined
      ? pipeline
      : { ...pipeline, triggers: triggers.filter(({ source }) => source.kind !== "file") },
  );
  return { ...manifest, pipelines };
}

function durationsOf({ begun, times }: { readonly begun: ForeseenProject["begun"]; readonly times: TaskTimes }) {
  const left = new Map(begun.map(({ run, leftMs }) => [run.id, leftMs]));
  return (runId: string, pipeline: string, task: string): number =>
    left.get(runId)?.get(task) ?? times.of(pipeline, task);
}

/** Nothing here takes real time, so that all there is to wait for are promises. */
async function liveUntil(clock: VirtualClock, to: Instant, problems: readonly DutyProblem[]): Promise<void> {
  let isOver = false;
  clock.after(to - clock.wall(), () => {
    isOver = true;
  });
  for (;;) {
    await promisesAtRest();
    const [problem] = problems;
    if (problem !== undefined) throw problem.error;
    if (clock.runSoon()) continue;
    if (isOver || !clock.advanceToNext()) return;
  }
}

async function runsOf(store: Store, project: string): Promise<readonly ForeseenRun[]> {
  const pipelines = new Map<string, PipelineSpec>();
  const found: ForeseenRun[] = [];
  for (const run of await store.runs({ project, limit: RUNS_MAX })) {
    const key = `${run.versionHash} ${run.pipeline}`;
    const pipeline =
      pipelines.get(key) ??
      (await store.version(run.versionHash))?.manifest.pipelines.find(({ name }) => name === run.pipeline);
    if (pipeline === undefined) continue;
    pipelines.set(key, pipeline);
    found.push({ run, pipeline, taskRuns: await store.taskRuns(run.id) });
  }
  return found.reverse();
}

const RUNS_MAX = 100_000;
