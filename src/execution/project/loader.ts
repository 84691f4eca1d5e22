import { fileURLToPath } from "node:url";
import { formatBytes } from "../../core/bytes.ts";
import { formatDuration } from "../../core/duration.ts";
import { type Clock, type Timer, within } from "../../ports/clock.ts";
import { type ProcessExit, type RunningProcess, signalGroup, startProcess } from "../../ports/processes.ts";
import type { LoadedPipeline } from "./definitions.ts";
import { LineReader } from "./line-reader.ts";
import type { LoadAnswer, LoadJob } from "./load-messages.ts";
import type { ProjectProblem } from "./problem.ts";

/** What the loader process may use up. */
export interface LoaderLimits {
  /** For one pipeline file with all it imports. */
  readonly fileMs: number;
  readonly memoryBytes: number;
}

export interface LoaderOptions {
  readonly limits: LoaderLimits;
  readonly clock: Clock;
  /** Compiled JavaScript is kept there from one start to the next. */
  readonly cacheDir: string;
}

export interface LoadedFile {
  readonly file: string;
  readonly pipelines: readonly LoadedPipeline[];
  readonly problems: readonly ProjectProblem[];
  /** The modules of the project that it is made of, as far as they are known. */
  readonly imports: readonly string[];
}

/** Where the sources are. */
export type LoadPlace = Omit<LoadJob, "files" | "lifeMs">;

/**
 * Loads pipeline files one after another in a process of their own. A file that loops, ends the process or eats all
 * memory costs that process; the files after it are loaded by the next one.
 */
export async function loadFiles(
  files: readonly string[],
  place: LoadPlace,
  options: LoaderOptions,
): Promise<readonly LoadedFile[]> {
  const loaded: LoadedFile[] = [];
  while (loaded.length < files.length) {
    const rest = files.slice(loaded.length);
    const session = await runSession(rest, place, options);
    for (const answer of session.answers) if (answer.kind === "loaded") loaded.push(answer);
    const broken = files[loaded.length];
    if (broken === undefined) break;
    const problem = session.lastWord ?? endProblem(broken, session, options.limits);
    loaded.push({ file: broken, pipelines: [], problems: [problem], imports: [broken] });
  }
  return loaded;
}

/** One life of the loader process. */
interface Session {
  readonly answers: readonly LoadAnswer[];
  /** What the process said when user code ended it. */
  readonly lastWord: ProjectProblem | undefined;
  readonly exit: ProcessExit;
  readonly timedOut: boolean;
  readonly stderr: string;
}

const PROGRAM = fileURLToPath(new URL("./loader-process.ts", import.meta.url));
const STDERR_CHARACTERS_MAX = 16 * 1024;
/** Starting the process and importing its own modules, on a busy machine. */
const START_MS_MAX = 30_000;
const PIPE_CLOSES_MS = 1_000;

async function runSession(
  files: readonly string[],
  place: LoadPlace,
  { limits, clock, cacheDir }: LoaderOptions,
): Promise<Session> {
  const lifeMs = START_MS_MAX + files.length * limits.fileMs;
  const job: LoadJob = { ...place, files, lifeMs };
  const child = await startProcess({
    argv: loaderArguments(limits, lifeMs),
    cwd: place.projectDir,
    env: { NODE_COMPILE_CACHE: cacheDir, NODE_NO_WARNINGS: "1" },
    stdin: "pipe",
    channels: 1,
  });
  const answers: LoadAnswer[] = [];
  const watch = new LoadWatch(clock, child);
  watch.allow(START_MS_MAX);
  const lines = new LineReader((line) => {
    const answer: LoadAnswer = JSON.parse(line);
    answers.push(answer);
    if (answer.kind === "begin") watch.allow(limits.fileMs);
  });
  child.channels[0]?.on("data", (chunk: Buffer) => lines.push(chunk));
  const stderr = tail(child);
  child.stdout.resume();
  child.stdin?.end(JSON.stringify(job));
  const exit = await child.exited;
  watch.end();
  // What user code has started while it was loaded must not outlive it, nor hold the pipes open.
  signalGroup(child.pid, "SIGKILL");
  await within(clock, PIPE_CLOSES_MS, child.closed);
  const ending = answers.find((answer) => answer.kind === "ends");
  return { answers, lastWord: ending?.problem, exit, timedOut: watch.timedOut, stderr: stderr() };
}

/** The system itself ends a process that computes for ever, should its parent be killed before it could. */
function loaderArguments(limits: LoaderLimits, lifeMs: number): readonly [string, ...string[]] {
  const memoryMb = Math.ceil(limits.memoryBytes / 2 ** 20);
  const limited = `ulimit -t ${Math.ceil(lifeMs / 1_000)}; exec "$0" "$@"`;
  return ["/bin/sh", "-c", limited, process.execPath, `--max-old-space-size=${memoryMb}`, PROGRAM];
}

/** Kills the process when it is not done in the time it was last allowed. */
class LoadWatch {
  timedOut = false;
  readonly #clock: Clock;
  readonly #child: RunningProcess;
  #timer: Timer | undefined;

  constructor(clock: Clock, child: RunningProcess) {
    this.#clock = clock;
    this.#child = child;
  }

  allow(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(ms, () => {
      this.timedOut = true;
      signalGroup(this.#child.pid, "SIGKILL");
    });
  }

  end(): void {
    this.#timer?.cancel();
  }
}

function tail(child: RunningProcess): () => string {
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text = (text + part).slice(-STDERR_CHARACTERS_MAX);
  });
  return () => text;
}

function endProblem(file: string, { exit, timedOut, stderr }: Session, limits: LoaderLimits): ProjectProblem {
  const base = { severity: "error", file, location: { file, line: 1 } } as const;
  if (timedOut) {
    return {
      ...base,
      code: "load_timeout",
      message: `${file} does not finish loading within ${formatDuration(limits.fileMs)}.`,
      hint: "Look for a loop without end, or an `await` of something that never comes: what takes time belongs into a task. More time: BATUTA_LOAD_TIMEOUT=30s.",
    };
  }
  if (stderr.includes("JavaScript heap out of memory")) {
    return {
      ...base,
      code: "load_failed",
      message: `${file} uses more than ${formatBytes(limits.memoryBytes)} of memory while it is loaded.`,
      hint: "Read data inside a task, not when the file is loaded.",
    };
  }
  const how = exit.signal === null ? `with exit code ${exit.code}` : `by ${exit.signal}`;
  const said = stderr.trim().split("\n").slice(-5).join("\n");
  return {
    ...base,
    code: "load_failed",
    message: `The process that loads ${file} has ended ${how}${said === "" ? "." : `: ${said}`}`,
    hint: "Take out what the file does beside defining pipelines.",
  };
}
