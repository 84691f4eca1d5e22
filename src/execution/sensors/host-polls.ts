import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Failure } from "../../core/failure.ts";
import type { Clock, Timer } from "../../ports/clock.ts";
import type { ProcessTable } from "../../ports/process-table.ts";
import { type RunningProcess, startProcess } from "../../ports/processes.ts";
import type { FilesAnswer, PollAnswer, PollOrder, WantedFiles } from "../executor.ts";
import { encodeFrame, FRAME_KINDS, FrameReader } from "../pool/frames.ts";
import { PROCESS_VARIABLE, ProcessTree } from "../process-tree.ts";
import { SESSION_VARIABLE } from "../session-watchdog.ts";
import type { FromHost, HostAnswer, HostLoad, HostPoll, HostSearch } from "./host-messages.ts";
import { LOOK_MS_MAX } from "./look-for-files.ts";

/** A host that has not answered so long after a poll's own time-out hangs. */
const HANGING_MS = 5_000;
/** A poll over which the host dies is asked once more, in a new one: another poll may have killed it. */
const TRIES_MAX = 2;
const STDERR_TAIL_CHARACTERS = 2_000;

export interface HostSettings extends Omit<HostLoad, "kind"> {
  readonly clock: Clock;
  readonly table: ProcessTable;
  readonly sessionId: string;
  readonly newMark: () => string;
  readonly beforeStart: () => Promise<void>;
}

/**
 * Polls by data alone, in one process for all of them, which is started with the first, and again when it has died.
 * Owns that process, and every poll until it is answered.
 */
export class HostPolls {
  readonly #settings: HostSettings;
  readonly #open = new Map<number, OpenPoll>();
  #host: Promise<Host> | undefined;
  #next = 1;
  #isClosed = false;

  constructor(settings: HostSettings) {
    this.#settings = settings;
  }

  async poll(
    { order, sensor, config, memory, now }: PollOrder,
    connections: HostPoll["connections"],
  ): Promise<PollAnswer> {
    const id = this.#next++;
    const message: HostPoll = {
      ...{ kind: "poll", id, sensor: sensor.kind, config, now, connections, timeoutMs: sensor.pollTimeoutMs },
      ...(memory === undefined ? {} : { memory }),
      ...(order.labelPaths === undefined ? {} : { labelPaths: order.labelPaths }),
    };
    const answer = await this.#answerOf(message);
    return isOfSearch(answer) ? { kind: "error", failure: MISTAKEN } : answer;
  }

  async search(wanted: WantedFiles): Promise<FilesAnswer> {
    const message: HostSearch = { kind: "search", id: this.#next++, wanted, timeoutMs: LOOK_MS_MAX };
    const answer = await this.#answerOf(message);
    if (isOfSearch(answer)) return answer;
    return {
      kind: "refused",
      problem: { message: answer.kind === "error" ? answer.failure.message : MISTAKEN.message },
    };
  }

  #answerOf(message: HostPoll | HostSearch): Promise<HostAnswer> {
    const { id } = message;
    return new Promise((resolve) => {
      const answered = (answer: HostAnswer): void => {
        this.#open.get(id)?.timer?.cancel();
        this.#open.delete(id);
        resolve(answer);
      };
      this.#open.set(id, { message, tries: 0, timer: undefined, answered });
      void this.#ask(id);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const host = await this.#host?.catch(() => undefined);
    await host?.tree.kill();
    for (const { answered } of [...this.#open.values()]) answered({ kind: "error", failure: CLOSED });
  }

  async #ask(id: number): Promise<void> {
    const poll = this.#open.get(id);
    if (poll === undefined) return;
    if (this.#isClosed) return poll.answered({ kind: "error", failure: CLOSED });
    poll.tries += 1;
    poll.timer?.cancel();
    const { clock } = this.#settings;
    poll.timer = clock.after(poll.message.timeoutMs + HANGING_MS, () => void this.#endHanging());
    try {
      this.#host ??= this.#start();
      (await this.#host).send(poll.message);
    } catch (error) {
      this.#host = undefined;
      poll.answered({ kind: "error", failure: notStarted(error) });
    }
  }

  async #start(): Promise<Host> {
    const { beforeStart, newMark, sessionId, clock, table, module, projectDir, blobsDir } = this.#settings;
    await beforeStart();
    const mark = newMark();
    const running = await startProcess({
      argv: [process.execPath, ENTRY],
      cwd: projectDir,
      env: { [SESSION_VARIABLE]: sessionId, [PROCESS_VARIABLE]: mark },
      channels: 2,
    });
    const host = new Host(running, new ProcessTree({ pid: running.pid, mark, clock, table }), (answer) =>
      this.#open.get(answer.id)?.answered(answer.answer),
    );
    void running.exited.then(() => this.#onDeath(host));
    host.send({ kind: "load", module, projectDir, blobsDir });
    return host;
  }

  /** What it had in hand goes to a new one; what it had in hand twice is to blame, as far as anybody can tell. */
  #onDeath(host: Host): void {
    this.#host = undefined;
    for (const [id, poll] of [...this.#open]) {
      if (poll.tries < TRIES_MAX && !this.#isClosed) void this.#ask(id);
      else poll.answered({ kind: "error", failure: died(host.stderrTail) });
    }
  }

  async #endHanging(): Promise<void> {
    const host = await this.#host?.catch(() => undefined);
    await host?.tree.kill();
  }
}

function isOfSearch(answer: HostAnswer): answer is FilesAnswer {
  return answer.kind === "files" || answer.kind === "same" || answer.kind === "refused";
}

interface OpenPoll {
  readonly message: HostPoll | HostSearch;
  readonly answered: (answer: HostAnswer) => void;
  tries: number;
  timer: Timer | undefined;
}

class Host {
  readonly tree: ProcessTree;
  stderrTail = "";
  readonly #running: RunningProcess;

  constructor(running: RunningProcess, tree: ProcessTree, onAnswer: (answer: FromHost) => void) {
    this.#running = running;
    this.tree = tree;
    const reader = new FrameReader((_kind, payload) => onAnswer(JSON.parse(payload.toString()) as FromHost));
    running.channels[1]?.on("data", (chunk: Buffer) => reader.push(chunk));
    running.channels[0]?.on("error", () => undefined);
    running.stdout.resume();
    running.stderr.on("data", (chunk: Buffer) => {
      this.stderrTail = (this.stderrTail + chunk.toString()).slice(-STDERR_TAIL_CHARACTERS);
    });
  }

  send(message: HostLoad | HostPoll | HostSearch): void {
    this.#running.channels[0]?.write(encodeFrame(FRAME_KINDS.message, JSON.stringify(message)));
  }
}

const MISTAKEN: Failure = { reason: "error", message: "The sensor host answered to something else." };

const CLOSED: Failure = { reason: "cancelled", message: "The executor was closed." };

function died(stderr: string): Failure {
  return {
    reason: "process_exited",
    message: "The sensor host died over this poll.",
    ...(stderr === "" ? {} : { stack: stderr }),
  };
}

function notStarted(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  return { reason: "error", message: `The sensor host could not be started: ${message}` };
}

/** TypeScript in a clone, JavaScript in a built package. */
const ENTRY = fileURLToPath(new URL(`./sensor-host${extname(import.meta.url)}`, import.meta.url));
