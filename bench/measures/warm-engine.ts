import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PipelineSpec } from "../../src/core/manifest.ts";
import { Engine } from "../../src/engine/engine.ts";
import { newRun } from "../../src/engine/new-run.ts";
import type { OwnerProcesses } from "../../src/engine/owner-processes.ts";
import { createExecutor } from "../../src/execution/create-executor.ts";
import { localLogs } from "../../src/execution/logs/log-store.ts";
import { compileProject } from "../../src/execution/project/compile-project.ts";
import { findProject } from "../../src/execution/project/find-project.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { localFiles } from "../../src/ports/files.ts";
import { ownIdentity } from "../../src/ports/processes.ts";
import { systemRandom, uuidv7 } from "../../src/ports/random.ts";
import type { NewRun, RunId, Store } from "../../src/store/store.ts";
import { openBenchStore } from "./bench-store.ts";

export const PROJECTS = fileURLToPath(new URL("../projects/", import.meta.url));

/** A store, a pool of task processes and an engine over one bench project, as `batuta run` puts them together. */
export interface WarmEngine {
  readonly store: Store;
  /** Creates a run and waits until it has ended as a success; gives its id. */
  run(): Promise<RunId>;
  /** Creates a run and leaves it. */
  begin(): Promise<RunId>;
  stop(): Promise<void>;
}

export async function warmEngine(project: string, databaseUrl: string | undefined): Promise<WarmEngine> {
  const clock = systemClock;
  const dir = join(PROJECTS, project);
  const stateDir = join(dir, ".batuta");
  rmSync(stateDir, { recursive: true, force: true });
  const compiled = await compileProject(findProject(dir, localFiles), { stateDir, files: localFiles, clock });
  const [pipeline] = compiled.manifest.pipelines;
  if (pipeline === undefined) throw new Error(`${project}: ${JSON.stringify(compiled.problems)}`);
  const { store } = await openBenchStore({ url: databaseUrl, name: `bench_${project}` });
  await store.saveVersion({ hash: compiled.hash, project, manifest: compiled.manifest });
  const sessionId = uuidv7(clock, systemRandom);
  const executor = createExecutor({
    clock,
    sessionId,
    projectDir: dir,
    versionsDir: join(stateDir, "versions"),
    logs: localLogs({ folder: join(stateDir, "logs"), files: localFiles, clock, onProblem: fail }),
    blobsDir: join(stateDir, "blobs"),
    tempDir: join(stateDir, "tmp"),
    connection: () => undefined,
    sensorModule: new URL("../../src/tasks/sensors/hosted-sensors.ts", import.meta.url).href,
  });
  const session = { id: sessionId, project, role: "run", process: ownIdentity(), leaseMs: 10_000, runs: null } as const;
  const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
  const engine = new Engine({ store, executor, clock, processes }, session, { onProblem: ({ error }) => fail(error) });
  await engine.start();
  return {
    store,
    run: () => runToEnd(engine, pipeline, compiled.hash),
    begin: async () => {
      const run = runOf(pipeline, compiled.hash);
      await engine.createRuns([run]);
      return run.id;
    },
    stop: async () => {
      await engine.stop();
      await store.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

async function runToEnd(engine: Engine, pipeline: PipelineSpec, versionHash: string): Promise<RunId> {
  const run = runOf(pipeline, versionHash);
  const ended = engine.whenEnded(run.id);
  await engine.createRuns([run]);
  const state = await ended;
  if (state !== "success") throw new Error(`The run of ${pipeline.name} ended as ${state}.`);
  return run.id;
}

function runOf(pipeline: PipelineSpec, versionHash: string): NewRun {
  const project = pipeline.name;
  const request = { project, pipeline, versionHash, trigger: "manual", params: {}, actor: "bench" } as const;
  return newRun(request, systemClock, systemRandom);
}

function fail(error: unknown): never {
  throw error instanceof Error ? error : new Error(JSON.stringify(error));
}
