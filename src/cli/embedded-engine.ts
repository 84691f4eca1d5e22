import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { Engine } from "../engine/engine.ts";
import type { DutyProblem } from "../engine/service.ts";
import { createExecutor, type LocalExecutor } from "../execution/create-executor.ts";
import { localLogs } from "../execution/logs/log-store.ts";
import { resolveConnection } from "../execution/project/connections.ts";
import type { Project } from "../execution/project/find-project.ts";
import { sessionMarker } from "../execution/session-watchdog.ts";
import { within } from "../ports/clock.ts";
import { localFiles } from "../ports/files.ts";
import { killMarked, ownIdentity } from "../ports/processes.ts";
import { systemRandom, uuidv7 } from "../ports/random.ts";
import type { BackfillId, RunId, SessionId } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { hostProcesses } from "./host-processes.ts";
import { SENSOR_MODULE } from "./sensor-module.ts";
import { stateFolder } from "./state-folder.ts";
import type { Workspace } from "./workspace.ts";

/** Attempts are asked to end, the rest is told to the database. */
const STOP_MS_MAX = 15_000;
/** A server that has not renewed its lease for so long is taken for dead by those who cannot see its process. */
export const LEASE_MS = 10_000;

/** Processes of this host that run attempts, and the session they belong to. */
export interface LocalWorker {
  readonly sessionId: SessionId;
  readonly executor: LocalExecutor;
}

export interface WorkerWishes {
  /** Attempts at the same time. */
  readonly slots?: number | undefined;
  /** What the project's settings say by now; those of its beginning unless given. */
  readonly settings?: () => Project["settings"];
}

/** Lends an executor and ends its processes however the work ends. */
export async function withLocalWorker<T>(
  cli: Cli,
  project: Project,
  { slots, settings = () => project.settings }: WorkerWishes,
  work: (worker: LocalWorker) => Promise<T>,
): Promise<T> {
  const { logs, blobs, temp, versions } = stateFolder(project);
  const sessionId = uuidv7(cli.clock, systemRandom);
  const executor = createExecutor({
    ...(slots === undefined ? {} : { slots }),
    clock: cli.clock,
    sessionId,
    projectDir: project.dir,
    versionsDir: versions,
    logs: localLogs({
      folder: logs,
      files: localFiles,
      clock: cli.clock,
      onProblem: ({ path, message }) => cli.warn(`A log cannot be written: ${message} (${path}).`),
    }),
    blobsDir: blobs,
    tempDir: temp,
    connection: (name) => connectionSettings(cli, { settings: settings(), dir: project.dir }, name),
    sensorModule: SENSOR_MODULE,
  });
  try {
    return await work({ sessionId, executor });
  } finally {
    await executor.close();
  }
}

export interface EngineWishes {
  /** The runs that this engine is for. */
  readonly runs: readonly RunId[];
  /** The backfill that it is for. */
  readonly backfill?: BackfillId;
  readonly pipeline: PipelineSpec;
  readonly onProblem: (problem: DutyProblem) => void;
  readonly onLost: (error: BatutaError) => void;
}

/** Starts the engine of a command that executes one run, or one backfill, by itself. */
export async function startEmbeddedEngine(
  cli: Cli,
  { project, store }: Workspace,
  { sessionId, executor }: LocalWorker,
  { runs, backfill, pipeline, onProblem, onLost }: EngineWishes,
): Promise<Engine> {
  const queues = [...new Set(pipeline.tasks.map(({ queue }) => queue))];
  const engine = new Engine(
    { store, executor, clock: cli.clock, processes: hostProcesses(cli.clock), queues },
    {
      ...{ id: sessionId, project: project.name, role: "run", process: ownIdentity(), leaseMs: LEASE_MS, runs },
      ...(backfill === undefined ? {} : { backfill }),
    },
    { onProblem, onLost },
  );
  await engine.start();
  return engine;
}

/** A database that does not answer must not keep the command from ending: what it holds is found later. */
export async function stopEngine(cli: Pick<Cli, "clock">, engine: Engine): Promise<void> {
  await within(
    cli.clock,
    STOP_MS_MAX,
    engine.stop().catch(() => undefined),
  );
}

/** Ends every process of the worker at once; the engine hears how its attempts ended. */
export async function killProcesses(cli: Pick<Cli, "clock">, { sessionId }: LocalWorker): Promise<void> {
  await killMarked(sessionMarker(sessionId), cli.clock);
}

/** The task that needs it says what is missing. */
function connectionSettings(
  cli: Cli,
  { settings, dir }: Pick<Project, "settings" | "dir">,
  name: string,
): string | undefined {
  try {
    return resolveConnection(name, { settings, projectDir: dir, env: cli.env });
  } catch (error) {
    if (error instanceof BatutaError) return undefined;
    throw error;
  }
}
