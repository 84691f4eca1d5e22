import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { PastSuccess } from "../../core/past-success.ts";
import { type Clock, within } from "../../ports/clock.ts";
import type { ProcessTable } from "../../ports/process-table.ts";
import { type ProcessExit, type RunningProcess, startProcess } from "../../ports/processes.ts";
import { PROCESS_VARIABLE, ProcessTree } from "../process-tree.ts";
import { SESSION_VARIABLE } from "../session-watchdog.ts";
import { encodeFrame, FRAME_KINDS, FrameReader } from "./frames.ts";
import { decodeAnswer, decodeLogLine, type FromProcess, type LoadOrder } from "./messages.ts";

/** Output that comes while the process works for nobody (an import, a timer left behind) is kept for the next one. */
const IDLE_OUTPUT_BYTES_MAX = 64 * 1024;
/** Of what the process itself writes to stderr when it crashes. */
const STDERR_TAIL_BYTES = 8 * 1024;
/** When all is killed the pipes are at their end; one that got away may hold them open, but not hold us up. */
const PIPE_END_MS_MAX = 1_000;

/** Whoever uses a process at the moment hears what it says. */
export interface ProcessUser {
  onAnswer(message: FromProcess, valueJson: string | undefined): void;
  /** Absent: what comes is kept for the next user, within limits. */
  onOutput?(stream: "out" | "err", bytes: Uint8Array): void;
  onLog?(level: string, text: string): void;
  /** The process and everything it has started are gone, and all they said has been heard. */
  onEnd(end: PoolProcessEnd): void;
}

export interface PoolProcessEnd extends ProcessExit {
  /** What it said when it ended by itself. */
  readonly lastWord: Extract<FromProcess, { readonly kind: "exits" }> | undefined;
  readonly stderrTail: string;
  /** It was ended because nobody could make sense of what came through its pipe. */
  readonly isGarbled: boolean;
}

/** A run, and what of it may be another for a later generation of its tasks. */
interface RunOfOrder {
  readonly runId: string;
  readonly lastSuccess?: PastSuccess | undefined;
}

export interface PoolProcessSettings {
  readonly clock: Clock;
  readonly table: ProcessTable;
  readonly sessionId: string;
  /** Marks this process and all it starts; no other has it. */
  readonly mark: string;
  /** For Node itself, such as `--max-old-space-size=512`. */
  readonly nodeArgs: readonly string[];
  /** Where Node keeps what it has compiled, for the next process. */
  readonly compileCacheDir: string;
  readonly load: LoadOrder;
}

/** The owner's side of a task process. Knows no policy: it carries messages, and tells its user of them. */
export class PoolProcess {
  readonly pid: number;
  readonly tree: ProcessTree;
  /** Resolves after the last user was told of the end. */
  readonly ended: Promise<void>;
  /** True as soon as it is known to be dead, before `ended`. */
  hasExited = false;
  /** Orders answered. */
  ordersDone = 0;
  /** Memory that it held after the first attempt … */
  firstResidentBytes: number | undefined;
  /** … and after the last. */
  residentBytes = 0;
  /** CPU time up to the last answer, of itself … */
  cpuBeforeMs = 0;
  /** … and of the children it has waited for. */
  childrenCpuBeforeMs = 0;
  /** The order from which it has heard last what there is to know of a run. */
  #known: RunOfOrder | undefined;
  #user: ProcessUser | undefined;
  readonly #running: RunningProcess;
  readonly #clock: Clock;
  #idleOutput: IdleOutput[] = [];
  #idleBytes = 0;
  #stderrTail: Buffer = Buffer.alloc(0);
  #lastWord: PoolProcessEnd["lastWord"];
  #isGarbled = false;

  /** Starts a process and lets it import its pipeline; the user hears `ready` or `unloadable`. */
  static async start(settings: PoolProcessSettings, user: ProcessUser): Promise<PoolProcess> {
    const { sessionId, mark, nodeArgs, compileCacheDir, load } = settings;
    const running = await startProcess({
      argv: [process.execPath, ...nodeArgs, ENTRY],
      cwd: load.projectDir,
      // With the cache a process starts in half the time, and without the 35 MB of the compiler that takes types away.
      env: { [SESSION_VARIABLE]: sessionId, [PROCESS_VARIABLE]: mark, NODE_COMPILE_CACHE: compileCacheDir },
      channels: 2,
    });
    const started = new PoolProcess(running, settings);
    started.use(user);
    started.send(JSON.stringify(load));
    return started;
  }

  private constructor(running: RunningProcess, { clock, table, mark }: PoolProcessSettings) {
    this.pid = running.pid;
    this.tree = new ProcessTree({ pid: running.pid, mark, clock, table });
    this.#running = running;
    this.#clock = clock;
    const reader = new FrameReader((kind, payload) => this.#onFrame(kind, payload));
    running.channels[1]?.on("data", (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch {
        // User code has written into the pipe: what comes after cannot be understood.
        this.#isGarbled = true;
        void this.tree.kill();
      }
    });
    running.stdout.on("data", (chunk: Buffer) => this.#onOutput("out", chunk));
    running.stderr.on("data", (chunk: Buffer) => {
      this.#stderrTail = Buffer.concat([this.#stderrTail, chunk]).subarray(-STDERR_TAIL_BYTES);
      this.#onOutput("err", chunk);
    });
    this.ended = running.exited.then((exit) => this.#onExit(exit));
  }

  /** Who hears from now on. */
  use(user: ProcessUser | undefined): void {
    this.#user = user;
    if (user?.onOutput === undefined) return;
    for (const { stream, bytes } of this.#idleOutput) user.onOutput(stream, bytes);
    this.#idleOutput = [];
    this.#idleBytes = 0;
    this.#stderrTail = Buffer.alloc(0);
  }

  /** Whether it knows what this order says of its run; if not, it is to be told now. */
  hearOf({ runId, lastSuccess }: RunOfOrder): boolean {
    const knows = this.#known?.runId === runId && this.#known.lastSuccess === lastSuccess;
    this.#known = { runId, lastSuccess };
    return knows;
  }

  /** One message, as JSON text. */
  send(text: string): void {
    this.#running.channels[0]?.write(encodeFrame(FRAME_KINDS.message, text));
  }

  #onFrame(kind: number, payload: Buffer): void {
    if (kind === FRAME_KINDS.message) this.#onMessage(payload);
    else if (kind === FRAME_KINDS.log) this.#onLog(payload);
    else this.#onOutput(kind === FRAME_KINDS.out ? "out" : "err", payload);
  }

  #onMessage(payload: Buffer): void {
    const { message, valueJson } = decodeAnswer(payload);
    if (message.kind === "exits") {
      this.#lastWord = message;
      return;
    }
    // It may have failed before it took in what the order said of the run.
    if (message.kind === "failed") this.#known = undefined;
    // What was printed before the answer is in the other pipes already; it is read within this turn.
    this.#clock.soon(() => this.#user?.onAnswer(message, valueJson));
  }

  #onLog(payload: Buffer): void {
    const { level, text } = decodeLogLine(payload.toString());
    this.#user?.onLog?.(level, text);
  }

  #onOutput(stream: "out" | "err", bytes: Uint8Array): void {
    if (this.#user?.onOutput !== undefined) {
      this.#user.onOutput(stream, bytes);
    } else if (this.#idleBytes + bytes.length <= IDLE_OUTPUT_BYTES_MAX) {
      this.#idleBytes += bytes.length;
      this.#idleOutput.push({ stream, bytes: Uint8Array.from(bytes) });
    }
  }

  async #onExit(exit: ProcessExit): Promise<void> {
    this.hasExited = true;
    await this.tree.sweep();
    await within(this.#clock, PIPE_END_MS_MAX, this.#running.closed);
    const user = this.#user;
    this.#user = undefined;
    const said = { lastWord: this.#lastWord, stderrTail: this.#stderrTail.toString(), isGarbled: this.#isGarbled };
    user?.onEnd({ ...exit, ...said });
  }
}

interface IdleOutput {
  readonly stream: "out" | "err";
  readonly bytes: Uint8Array;
}

/** TypeScript in a clone, JavaScript in a built package. */
const ENTRY = fileURLToPath(new URL(`./task-process${extname(import.meta.url)}`, import.meta.url));
