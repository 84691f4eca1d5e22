import { join } from "node:path";
import type { Failure } from "../../core/failure.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { ProcessTable } from "../../ports/process-table.ts";
import type { FromProcess, LoadOrder } from "./messages.ts";
import { PoolProcess, type PoolProcessEnd, type ProcessUser } from "./pool-process.ts";

/** A pipeline file that does not finish loading in this time never will. */
const LOAD_MS_MAX = 60_000;

/** What a process is warm for. */
export interface ProcessKey {
  readonly versionHash: string;
  readonly graphHash: string;
  /** Relative to the folder of the version. */
  readonly pipelineFile: string;
  readonly pipeline: string;
}

/** Work for one process. It has the process to itself until it gives it back, or the process ends. */
export interface PoolJob extends ProcessUser {
  readonly key: ProcessKey;
  begin(process: PoolProcess): void;
  /** No process can be had. */
  refuse(failure: Failure): void;
}

export interface TaskPoolSettings {
  /** Processes at the same time. */
  readonly slots: number;
  readonly clock: Clock;
  readonly table: ProcessTable;
  readonly sessionId: string;
  readonly nodeArgs: readonly string[];
  readonly compileCacheDir: string;
  readonly projectDir: string;
  readonly versionsDir: string;
  readonly blobsDir: string;
  readonly tempDir: string;
  /** A new mark for each process. */
  readonly newMark: () => string;
  /** Called before a process is started. */
  readonly beforeStart: () => Promise<void>;
}

/**
 * Keeps task processes warm and hands them out. Owns which process serves what; knows nothing of attempts.
 *
 * 1. Never more than `slots` processes, those that start or are being ended included.
 * 2. A job waits only while every process is busy, starts, or is being ended; an idle one of another key makes room.
 * 3. A process has one job at a time, and a job one process.
 */
export class TaskPool {
  readonly #settings: TaskPoolSettings;
  readonly #groups = new Map<string, KeyGroup>();
  readonly #processes = new Set<PoolProcess>();
  readonly #retiring = new Set<PoolProcess>();
  #starting = 0;
  #closed = false;

  constructor(settings: TaskPoolSettings) {
    this.#settings = settings;
  }

  submit(job: PoolJob): void {
    if (this.#closed) {
      job.refuse(CLOSED);
      return;
    }
    const group = this.#group(job.key);
    const process = group.idle.findLast((idle) => !idle.hasExited);
    if (process !== undefined) {
      remove(group.idle, process);
      hand(process, job);
      return;
    }
    group.waiting.push(job);
    this.#startAsNeeded(group);
  }

  /** Takes back a job that has not begun; false when it has. */
  withdraw(job: PoolJob): boolean {
    const { waiting } = this.#group(job.key);
    const index = waiting.indexOf(job);
    if (index >= 0) waiting.splice(index, 1);
    return index >= 0;
  }

  /** A job is done with its process, which is as good as new. */
  release(process: PoolProcess, key: ProcessKey): void {
    const group = this.#group(key);
    const next = group.waiting.shift();
    if (next !== undefined) {
      hand(process, next);
      return;
    }
    process.use(idleUser(() => remove(group.idle, process)));
    group.idle.push(process);
    this.#balance();
  }

  /** A job is done with its process, and nobody may use it again. */
  retire(process: PoolProcess): void {
    this.#retiring.add(process);
    process.use(undefined);
    void process.tree.kill();
  }

  /** Starts a process that will soon be needed, if none is there. */
  prewarm(key: ProcessKey): void {
    const group = this.#group(key);
    if (this.#closed || group.idle.length > 0 || group.starting > 0 || !this.#hasRoom()) return;
    void this.#start(group);
  }

  /** Ends every process; their users hear of it. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const group of this.#groups.values()) refuseAll(group, CLOSED);
    const ends = [...this.#processes].map(async (process) => {
      await process.tree.kill();
      await process.ended;
    });
    await Promise.all(ends);
  }

  #group(key: ProcessKey): KeyGroup {
    const id = `${key.versionHash} ${key.graphHash} ${key.pipelineFile} ${key.pipeline}`;
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    const group: KeyGroup = { key, idle: [], waiting: [], starting: 0 };
    this.#groups.set(id, group);
    return group;
  }

  #startAsNeeded(group: KeyGroup): void {
    while (group.starting < group.waiting.length && this.#hasRoom()) void this.#start(group);
    this.#makeRoom(group);
  }

  #hasRoom(): boolean {
    return this.#processes.size + this.#starting < this.#settings.slots;
  }

  /** Ends idle processes of other keys: when they are gone there is room for those that this key waits for. */
  #makeRoom(group: KeyGroup): void {
    for (const other of this.#groups.values()) {
      while (other !== group && group.waiting.length > group.starting + this.#retiring.size) {
        const idle = other.idle.shift();
        if (idle === undefined) break;
        this.retire(idle);
      }
    }
  }

  /** Room has come up, or an idle process: somebody of another key may be waiting for it. */
  #balance(): void {
    if (this.#closed) return;
    for (const group of this.#groups.values()) {
      if (group.waiting.length > group.starting) this.#startAsNeeded(group);
    }
  }

  async #start(group: KeyGroup): Promise<void> {
    group.starting += 1;
    this.#starting += 1;
    const { beforeStart, newMark, ...shared } = this.#settings;
    const settings = { ...shared, load: this.#loadOrder(group.key), mark: newMark() };
    const loading = new Loading(shared.clock, (process, failure) => this.#onLoaded(group, process, failure));
    try {
      await beforeStart();
      const process = await PoolProcess.start(settings, loading);
      this.#processes.add(process);
      void process.ended.then(() => this.#forget(process));
      loading.began(process);
      if (this.#closed) void process.tree.kill();
    } catch (error) {
      this.#onLoaded(group, undefined, cannotStartProcess(error));
    } finally {
      this.#starting -= 1;
    }
  }

  /** The import has ended, one way or the other. What failed once would fail for all who wait. */
  #onLoaded(group: KeyGroup, process: PoolProcess | undefined, failure: Failure | undefined): void {
    group.starting -= 1;
    if (failure !== undefined) refuseAll(group, failure);
    if (process === undefined) this.#balance();
    else if (failure === undefined) this.release(process, group.key);
    else this.retire(process);
  }

  #forget(process: PoolProcess): void {
    this.#processes.delete(process);
    this.#retiring.delete(process);
    for (const [id, { idle, waiting, starting }] of this.#groups) {
      if (idle.length + waiting.length + starting === 0) this.#groups.delete(id);
    }
    this.#balance();
  }

  #loadOrder({ versionHash, graphHash, pipelineFile, pipeline }: ProcessKey): LoadOrder {
    const { projectDir, versionsDir, blobsDir, tempDir } = this.#settings;
    const rootDir = join(versionsDir, versionHash);
    return { kind: "load", rootDir, pipelineFile, pipeline, graphHash, projectDir, blobsDir, tempDir };
  }
}

interface KeyGroup {
  readonly key: ProcessKey;
  /** The one used last is at the end: it is the warmest, and those before it may be given up. */
  readonly idle: PoolProcess[];
  /** Oldest first. */
  readonly waiting: PoolJob[];
  starting: number;
}

/** Follows a process from its start to the end of its import. */
class Loading implements ProcessUser {
  readonly #onLoaded: (process: PoolProcess, failure: Failure | undefined) => void;
  readonly #clock: Clock;
  #process: PoolProcess | undefined;
  #timer: Timer | undefined;
  #isLate = false;

  constructor(clock: Clock, onLoaded: (process: PoolProcess, failure: Failure | undefined) => void) {
    this.#clock = clock;
    this.#onLoaded = onLoaded;
  }

  began(process: PoolProcess): void {
    this.#process = process;
    this.#timer = this.#clock.after(LOAD_MS_MAX, () => {
      this.#isLate = true;
      void process.tree.kill();
    });
  }

  onAnswer(message: FromProcess): void {
    if (message.kind === "ready") this.#end(undefined, message.use.totalCpuUs / 1000);
    else if (message.kind === "unloadable") this.#end(message.failure);
    else
      this.#end({ reason: "cannot_start", message: `A task process answered "${message.kind}" to its first order.` });
  }

  onEnd(end: PoolProcessEnd): void {
    this.#end(this.#isLate ? lateLoad() : diedLoading(end));
  }

  #end(failure: Failure | undefined, cpuMs = 0): void {
    this.#timer?.cancel();
    const process = this.#process;
    this.#process = undefined;
    if (process === undefined) return;
    process.cpuBeforeMs = cpuMs;
    this.#onLoaded(process, failure);
  }
}

const CLOSED: Failure = { reason: "cancelled", message: "The executor was closed." };

function hand(process: PoolProcess, job: PoolJob): void {
  process.use(job);
  job.begin(process);
}

function refuseAll({ waiting }: KeyGroup, failure: Failure): void {
  for (const job of waiting.splice(0)) job.refuse(failure);
}

function idleUser(onEnd: () => void): ProcessUser {
  return { onAnswer: () => {}, onEnd };
}

function remove<T>(list: T[], item: T): void {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
}

/** The host refuses another process (EAGAIN, ENOMEM) or the project folder is gone: worth another try. */
function cannotStartProcess(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return {
    reason: "error",
    message: `A task process could not be started: ${message}`,
    hint: "Look at the limits of this user (ulimit -u), at free memory, and whether the project folder is still there.",
  };
}

function lateLoad(): Failure {
  return {
    reason: "cannot_start",
    message: `The pipeline file did not finish loading within ${LOAD_MS_MAX / 1000} s.`,
    hint: "Move what takes long, or never ends, from the top of the file into a task.",
  };
}

function diedLoading({ code, signal, stderrTail }: PoolProcessEnd): Failure {
  const how = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`;
  return {
    reason: "cannot_start",
    message: `The process ${how} while it loaded the pipeline file.`,
    ...(stderrTail === "" ? {} : { stack: stderrTail }),
    hint: "A pipeline file must not call process.exit(); look at what it imports.",
  };
}
