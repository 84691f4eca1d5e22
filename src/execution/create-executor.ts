import { join } from "node:path";
import type { Failure } from "../core/failure.ts";
import type { Json } from "../core/json.ts";
import { BatutaError, type ProblemDetails } from "../core/problem.ts";
import type { TickAnswer } from "../core/schedule/schedule-state.ts";
import { type Clock, within } from "../ports/clock.ts";
import { type Files, localFiles } from "../ports/files.ts";
import { killMarked, localProcessTable, processorCount } from "../ports/processes.ts";
import type { AttemptServices } from "./attempt-services.ts";
import { BlobLists } from "./blob-lists.ts";
import { localBlobs } from "./blobs.ts";
import { connectionsOf } from "./connections.ts";
import type {
  AttemptId,
  AttemptOrder,
  AttemptReport,
  Executor,
  FilesAnswer,
  PollAnswer,
  PollOrder,
  StopManner,
  WantedFiles,
} from "./executor.ts";
import type { LogStore } from "./logs/log-store.ts";
import { AskAttempt } from "./pool/ask-attempt.ts";
import type { TicksQuestion } from "./pool/next-ticks.ts";
import { PoolAttempt } from "./pool/pool-attempt.ts";
import { Question } from "./pool/question.ts";
import { type ProcessKey, TaskPool } from "./pool/task-pool.ts";
import { PreparedAttempt } from "./prepared-attempt.ts";
import { needsPreparation } from "./prepared-order.ts";
import { FunctionPolls } from "./sensors/function-polls.ts";
import { HostPolls } from "./sensors/host-polls.ts";
import { SensorPolls } from "./sensors/sensor-polls.ts";
import { SessionWatchdog, sessionMarker } from "./session-watchdog.ts";
import { ProcessAttempt } from "./subprocess/process-attempt.ts";
import { openTempFolders } from "./temp-folders.ts";
import { UsageSampler } from "./usage-sampler.ts";

const SLOTS_MIN = 8;

/** Attempts at the same time, where nobody says how many. */
export function defaultSlots(): number {
  return Math.max(SLOTS_MIN, processorCount());
}
/** What still runs when the executor is closed has this time between SIGTERM and SIGKILL. */
const CLOSE_GRACE_MS = 1_000;
const KILL_PAUSE_MS = 50;
/** Task processes in which sensors of users look; beside those of attempts, so that neither waits for the other. */
const POLL_PROCESSES_MAX = 4;
const PARSE_PARAMS_MS_MAX = 10_000;
const NEXT_TICKS_MS_MAX = 5_000;
const COMPILE_CACHE = "compile-cache";
const COMPILE_CACHE_ENTRIES_MAX = 5_000;

export interface LocalExecutorSettings {
  /** Attempts at the same time; as many as there are processors, but at least 8, unless given. */
  readonly slots?: number;
  readonly clock: Clock;
  /** Marks every process, so that none outlives the session. */
  readonly sessionId: string;
  /** The user's project folder, absolute: where tasks run. */
  readonly projectDir: string;
  /** Holds the sources of each version in a folder named by its hash. */
  readonly versionsDir: string;
  readonly logs: LogStore;
  /** Values too large for the store. */
  readonly blobsDir: string;
  /** For folders that live as long as an attempt. */
  readonly tempDir: string;
  /** Settings of a connection by its name; undefined when there are none. */
  readonly connection: (name: string) => string | undefined;
  /** Arguments for the Node of task processes, such as `--max-old-space-size=512`. */
  readonly nodeArgs?: readonly string[];
  /** Address of the module that says how ready-made sensors look. */
  readonly sensorModule?: string;
  readonly files?: Files;
}

/** Runs attempts as processes of this host. */
export interface LocalExecutor extends Executor {
  /** Starts a task process for a pipeline whose first attempt is about to come. */
  prewarm(key: ProcessKey): void;
}

/** Takes its temp folder at once, and starts nothing before the first order. */
export function createExecutor(settings: LocalExecutorSettings): LocalExecutor {
  return new ProcessExecutor(settings);
}

interface Attempt {
  run(): Promise<AttemptReport>;
  stop(how?: StopManner): void;
}

interface RunningAttempt {
  readonly attempt: Attempt;
  readonly report: Promise<AttemptReport>;
}

class ProcessExecutor implements LocalExecutor {
  readonly slots: number;
  readonly #services: AttemptServices;
  readonly #watchdog: SessionWatchdog;
  readonly #running = new Map<string, RunningAttempt>();
  readonly #pollPool: TaskPool;
  readonly #sensors: SensorPolls;
  #closing: Promise<void> | undefined;

  constructor(settings: LocalExecutorSettings) {
    const { clock, sessionId, projectDir, versionsDir, blobsDir, connection, logs, nodeArgs = [] } = settings;
    const { slots = defaultSlots(), files = localFiles, sensorModule = "" } = settings;
    const table = localProcessTable;
    const temp = openTempFolders(settings.tempDir, sessionId, files);
    const compileCacheDir = openCompileCache(join(settings.tempDir, COMPILE_CACHE), files);
    const watchdog = new SessionWatchdog(sessionId);
    let marks = 0;
    const newMark = (): string => `${sessionId}.${++marks}`;
    const shared = { clock, table, sessionId, projectDir, versionsDir, newMark, beforeStart: () => watchdog.start() };
    const processes = { ...shared, nodeArgs, compileCacheDir, blobsDir, tempDir: temp.sessionDir };
    const pool = new TaskPool({ ...processes, slots });
    const sampler = new UsageSampler(table, clock);
    this.slots = slots;
    this.#watchdog = watchdog;
    const blobs = localBlobs(blobsDir, files);
    const lists = new BlobLists(blobs, clock);
    this.#services = { ...shared, files, sampler, logs, blobs, lists, temp, pool, connection };
    this.#pollPool = new TaskPool({ ...processes, slots: POLL_PROCESSES_MAX });
    const host = new HostPolls({ ...shared, module: sensorModule, blobsDir });
    this.#sensors = new SensorPolls(this.#services, host, new FunctionPolls(this.#pollPool, clock));
  }

  async execute(order: AttemptOrder): Promise<AttemptReport> {
    if (this.#closing !== undefined) return CANCELLED;
    const id = attemptKey(order);
    try {
      const connections = connectionsOf(order.task, this.#services.connection);
      if (!connections.ok) return { result: { kind: "failed", failure: connections.failure } };
      const attempt = this.#attempt(order, connections.settings);
      const report = attempt.run();
      this.#running.set(id, { attempt, report });
      return await report;
    } catch (error) {
      return { result: { kind: "failed", failure: defect(error) } };
    } finally {
      this.#running.delete(id);
    }
  }

  stop(id: AttemptId, how?: StopManner): void {
    this.#running.get(attemptKey(id))?.attempt.stop(how);
  }

  async poll(poll: PollOrder): Promise<PollAnswer> {
    return this.#closing === undefined ? this.#sensors.poll(poll) : CLOSED_POLL;
  }

  async findFiles(wanted: WantedFiles): Promise<FilesAnswer> {
    if (this.#closing === undefined) return this.#sensors.findFiles(wanted);
    return { kind: "refused", problem: { message: "The executor is closed." } };
  }

  prewarm(key: ProcessKey): void {
    this.#services.pool.prewarm(key);
  }

  async parseParams(key: ProcessKey, raw: { readonly [name: string]: Json | undefined }): Promise<Json> {
    const { clock, pool } = this.#services;
    const text = (): string => JSON.stringify({ kind: "parse_params", raw });
    const answer = await new Question({ key, text, msMax: PARSE_PARAMS_MS_MAX, clock, pool }).ask();
    if (answer.kind === "params") return answer.params;
    if (answer.kind === "params_refused") throw problem("invalid_params", answer);
    if (answer.kind === "unanswered" || answer.kind === "failed") throw problem("load_failed", answer.failure);
    throw problem("internal", { message: `A task process answered "${answer.kind}" to parameters.` });
  }

  async nextTicks(key: ProcessKey, question: TicksQuestion): Promise<TickAnswer> {
    const { clock, pool } = this.#services;
    const text = (): string => JSON.stringify({ kind: "next_ticks", ...question });
    const answer = await new Question({ key, text, msMax: NEXT_TICKS_MS_MAX, clock, pool }).ask();
    if (answer.kind === "ticks") return answer.answer;
    if (answer.kind === "ticks_refused") throw problem("invalid_definition", answer);
    if (answer.kind === "unanswered" || answer.kind === "failed") throw problem("load_failed", answer.failure);
    throw problem("internal", { message: `A task process answered "${answer.kind}" to a schedule.` });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { clock, pool, sampler, temp } = this.#services;
    const running = [...this.#running.values()];
    for (const { attempt } of running) attempt.stop();
    const reports = Promise.allSettled(running.map(({ report }) => report));
    if (running.length > 0) await within(clock, CLOSE_GRACE_MS, reports);
    await Promise.all([pool.close(), this.#pollPool.close(), this.#sensors.close()]);
    await this.#killUntil(reports);
    sampler.close();
    temp.close();
    await this.#watchdog.stop();
  }

  /** Again and again: an attempt that was just about to start its process when it was stopped starts it all the same. */
  async #killUntil(reports: Promise<unknown>): Promise<void> {
    const { clock, sessionId } = this.#services;
    let areGiven = false;
    void reports.then(() => {
      areGiven = true;
    });
    do {
      await killMarked(sessionMarker(sessionId), clock);
      await within(clock, KILL_PAUSE_MS, reports);
    } while (!areGiven);
  }

  #attempt(order: AttemptOrder, connections: Readonly<Record<string, string>>): Attempt {
    if (needsPreparation(order)) {
      return new PreparedAttempt(order, this.#services, (prepared) => this.#unprepared(prepared, connections));
    }
    return this.#unprepared(order, connections);
  }

  #unprepared(order: AttemptOrder, connections: Readonly<Record<string, string>>): Attempt {
    const { execution } = order.task;
    if (order.askOnly) return new AskAttempt(order, this.#services, connections);
    if (execution.via === "function") return new PoolAttempt(order, this.#services, connections);
    if (execution.via !== "process") throw new Error(`Nothing runs for task "${order.task.name}": ${execution.via}`);
    return new ProcessAttempt({ order, command: execution.command, connections, services: this.#services });
  }
}

/** Every version of a project adds its files: a cache that has grown old begins anew. */
function openCompileCache(folder: string, files: Files): string {
  const entries = files.list(folder).reduce((sum, { name }) => sum + files.list(join(folder, name)).length, 0);
  if (entries > COMPILE_CACHE_ENTRIES_MAX) files.remove(folder);
  files.makeFolder(folder);
  return folder;
}

const CANCELLED: AttemptReport = {
  result: { kind: "cancelled", failure: { reason: "cancelled", message: "The executor is closed." } },
};

const CLOSED_POLL: PollAnswer = {
  kind: "error",
  failure: { reason: "cancelled", message: "The executor is closed." },
};

/** The contract says that an order is always answered, whatever goes wrong here. */
function defect(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    reason: "error",
    message: `The attempt could not be run: ${message}`,
    ...(stack === undefined ? {} : { stack }),
  };
}

function attemptKey({ taskRunKey, generation, attempt }: AttemptId): string {
  return `${taskRunKey}.${generation}.${attempt}`;
}

function problem(
  code: "invalid_definition" | "invalid_params" | "load_failed" | "internal",
  { message, hint, location }: { readonly message: string } & ProblemDetails,
): BatutaError {
  return new BatutaError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  });
}
