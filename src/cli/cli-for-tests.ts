import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, onTestFinished, vi } from "vitest";
import { systemClock } from "../ports/clock.ts";

const REPOSITORY = resolve(import.meta.dirname, "..", "..");
const PROGRAM = join(REPOSITORY, "bin", "batuta.js");
/** A command that takes longer hangs; the machine may be busy, or the work large (`npm run test:large`). */
const COMMAND_MS_MAX = process.env.BATUTA_ITEMS === undefined ? 120_000 : 600_000;

export interface CommandResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<CommandResult>;
  /** stdout and stderr so far. */
  said(): string;
  /** Resolves when stdout and stderr together hold this; rejects when the command ends before. */
  says(text: string | RegExp): Promise<void>;
}

/** A project of a test, in a folder that is removed with it. */
export interface TestProject {
  readonly dir: string;
  write(path: string, content: string): void;
  read(path: string): string;
  has(path: string): boolean;
  /** Runs `batuta` to its end, in this folder. */
  batuta(...args: string[]): Promise<CommandResult>;
  /** Starts another program, in a folder within this one. */
  startProgram(argv: readonly string[], folder: string): RunningCommand;
  /** Starts `batuta` and leaves it running. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
}

/** `files` by path; those of `pipelines/` are pipeline files. */
export function testProject(files: Readonly<Record<string, string>> = {}): TestProject {
  const dir = mkdtempSync(join(tmpdir(), "batuta-cli-"));
  onTestFinished(() => removeFolder(dir));
  return projectAt(dir, files);
}

/** Commands that were killed may have left task processes, which write for a moment yet. */
export function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 20 });
}

export function projectAt(dir: string, files: Readonly<Record<string, string>>): TestProject {
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  };
  for (const [path, content] of Object.entries(files)) write(path, content);
  if (Object.keys(files).length > 0) linkPackages(dir);
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand =>
    startProgram([process.execPath, PROGRAM, ...args], dir, env);
  return {
    dir,
    write,
    read: (path) => readFileSync(join(dir, path), "utf8"),
    has: (path) => existsSync(join(dir, path)),
    batuta: (...args) => start(args).ended,
    start,
    startProgram: (argv, folder) => startProgram(argv, join(dir, folder)),
  };
}

/** Starts any program with the environment of a person's plain shell. */
export function startProgram(
  [program = "", ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(program, args, {
    cwd,
    env: { PATH, HOME, USER: "tester", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => killed(child));
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      texts[name] += part;
      child.emit("said");
    });
  }
  const timer = systemClock.after(COMMAND_MS_MAX, () => void child.kill("SIGKILL"));
  const ended = new Promise<CommandResult>((resolve) => {
    child.once("close", (code, signal) => {
      timer.cancel();
      resolve({ code, signal, ...texts });
    });
  });
  const said = (): string => texts.stdout + texts.stderr;
  const says = (text: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (typeof text === "string" ? said().includes(text) : text.test(said())) resolve();
      };
      child.on("said", look);
      look();
      // It may have ended before anybody has asked.
      void ended.then(() => reject(new Error(`It ended without saying ${String(text)}:\n${said()}`)));
    });
  return { child, ended, said, says };
}

/** Kills a process and waits until it is gone, so that nothing of it goes on in the next test. */
async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

function linkPackages(dir: string): void {
  const modules = join(dir, "node_modules");
  if (existsSync(modules)) return;
  mkdirSync(modules);
  symlinkSync(REPOSITORY, join(modules, "batuta"));
  symlinkSync(join(REPOSITORY, "node_modules", "zod"), join(modules, "zod"));
}

/** Waits for something that another process does. */
export function until(holds: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(holds()).toBe(true), { timeout: COMMAND_MS_MAX / 2, interval: 50 });
}

/** What `--json` printed, parsed; fails the test when stdout holds anything else. */
export function envelope({ stdout, stderr }: CommandResult): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`stdout is not one JSON text:\n${stdout}\n${stderr}`);
  }
}

/** One field of an object that came from outside. */
export function field(value: unknown, ...names: readonly (string | number)[]): unknown {
  return names.reduce<unknown>(
    (at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
}
