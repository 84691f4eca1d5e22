import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { availableParallelism, hostname } from "node:os";
import { Duplex, type Readable, type Writable } from "node:stream";
import type { ProcessIdentity } from "../core/process-identity.ts";
import { type Clock, sleep } from "./clock.ts";
import type { ProcessTable } from "./process-table.ts";
import { linuxProcessTable } from "./process-table-linux.ts";
import { psProcessTable } from "./process-table-ps.ts";

/** Linux has `/proc`, read without starting anything; everywhere else `ps` tells the same, more slowly. */
export const localProcessTable: ProcessTable = process.platform === "linux" ? linuxProcessTable : psProcessTable;

/** A program to start, in a session and process group of its own, so that it can be ended with all its children. */
export interface ProcessRequest {
  /** Program and arguments, passed as they are: there is no shell in between. */
  readonly argv: readonly [program: string, ...args: readonly string[]];
  readonly cwd: string;
  /** All that it gets, beside PATH, HOME, LANG, TZ and TMPDIR of this process. */
  readonly env: Readonly<Record<string, string>>;
  /** Closed at once (`/dev/null`) unless asked for. */
  readonly stdin?: "pipe";
  /** Pipes beside stdout and stderr, both ways: fd 3, 4, … */
  readonly channels?: number;
}

export interface RunningProcess {
  /** Also the id of its process group. */
  readonly pid: number;
  readonly stdin: Writable | null;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** fd 3 first. */
  readonly channels: readonly Duplex[];
  /** The process itself has ended; what it started may still run and hold its pipes. */
  readonly exited: Promise<ProcessExit>;
  /** Every pipe is at its end. */
  readonly closed: Promise<void>;
  /** Lets this process end while that one runs. */
  unref(): void;
  /** Keeps this process until that one has ended: whoever waits for it would otherwise never hear of it. */
  ref(): void;
}

export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** Starts a process. Rejects with Node's error (`code` ENOENT, EACCES, E2BIG, EAGAIN …) when it cannot be started. */
export async function startProcess(request: ProcessRequest): Promise<RunningProcess> {
  const [program, ...args] = request.argv;
  const child = spawn(program, args, {
    cwd: request.cwd,
    env: { ...inheritedEnvironment(), ...request.env },
    stdio: stdioOf(request),
    detached: true,
  });
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  return running(child, exited, closed);
}

/** Sends a signal to a process group. That nothing of it is left is no error. */
export function signalGroup(group: number, signal: EndSignal): void {
  send(-group, signal);
}

/** Sends a signal to one process. That it is gone is no error. */
export function signalProcess(pid: number, signal: EndSignal): void {
  send(pid, signal);
}

export type EndSignal = "SIGTERM" | "SIGKILL";

/** How many processes this host runs at the same time. */
export function processorCount(): number {
  return availableParallelism();
}

/** Names this very process. */
export function ownIdentity(table: ProcessTable = localProcessTable): ProcessIdentity {
  const { pid } = process;
  return { hostname: hostname(), hostId: table.hostId(), pid, startTime: table.startTimeOf(pid) ?? "" };
}

/** Whether a process still runs: `elsewhere` when its pid means nothing on this host. */
export function stateOfProcess(
  identity: ProcessIdentity,
  table: ProcessTable = localProcessTable,
): "alive" | "gone" | "elsewhere" {
  if (identity.hostId !== table.hostId()) return "elsewhere";
  return table.startTimeOf(identity.pid) === identity.startTime ? "alive" : "gone";
}

/**
 * SIGKILL to every process whose environment holds `marker` (`NAME=value`), and to their process groups, until none is
 * left. False when some still live after all rounds: they are stuck in the kernel, or not ours to kill.
 */
export async function killMarked(
  marker: string,
  clock: Clock,
  table: ProcessTable = localProcessTable,
): Promise<boolean> {
  const ownGroup = table.rows().find((row) => row.pid === process.pid)?.group;
  for (let round = 0; round < KILL_ROUNDS_MAX; round++) {
    const found = table.marked(marker);
    if (found.length === 0) return true;
    for (const { pid, group } of found) {
      if (group !== ownGroup) send(-group, "SIGKILL");
      send(pid, "SIGKILL");
    }
    await sleep(clock, Math.min(2 ** round, KILL_PAUSE_MS_MAX));
  }
  return table.marked(marker).length === 0;
}

const KILL_ROUNDS_MAX = 100;
const KILL_PAUSE_MS_MAX = 50;

const INHERITED = ["PATH", "HOME", "LANG", "TZ", "TMPDIR"];

function inheritedEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}

function stdioOf({ stdin, channels = 0 }: ProcessRequest): StdioOptions {
  return [stdin ?? "ignore", "pipe", "pipe", ...Array.from({ length: channels }, () => "pipe" as const)];
}

function running(child: ChildProcess, exited: Promise<ProcessExit>, closed: Promise<void>): RunningProcess {
  const { pid, stdin, stdout, stderr } = child;
  if (pid === undefined || stdout === null || stderr === null) throw new Error("A started process has no pipes.");
  const channels = child.stdio.slice(3).filter((stream) => stream instanceof Duplex);
  // A pipe to a process that has just died breaks; that it died is told by `exited` alone.
  for (const stream of [stdin, stdout, stderr, ...channels]) stream?.on("error", () => undefined);
  return {
    pid,
    stdin,
    stdout,
    stderr,
    channels,
    exited,
    closed,
    ref: () => child.ref(),
    unref: () => {
      child.unref();
      for (const stream of [stdin, stdout, stderr, ...channels]) {
        if (stream instanceof Duplex && "unref" in stream && typeof stream.unref === "function") stream.unref();
      }
    },
  };
}

function send(pid: number, signal: EndSignal): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It is gone, which is what the caller wanted, or not ours, which nobody can mend.
  }
}
