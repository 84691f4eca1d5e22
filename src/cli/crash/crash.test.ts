import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { systemRandom } from "../../ports/random.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { RunRecord, Store } from "../../store/store.ts";
import { CrashProject } from "./crash-project-for-tests.ts";

const BATUTA = fileURLToPath(new URL("../../../bin/batuta.js", import.meta.url));
const MOMENTS = 20;
/** How often a moment is taken that has come too late. */
const TURNS_MAX = 4;
const TASKS = 9;
/** The watchdog ends what a killed command has left; a busy machine may let it wait. */
const LEFT_OVERS_MS_MAX = 60_000;

const projects: CrashProject[] = [];

afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

/**
 * Moments are spread evenly over the life of an uninterrupted run, each moved at random within its share. A run that has
 * ended before its moment tells that it takes less by now, on a machine that others use too, and the moment is taken
 * again. A failure names its moment, so that it can be tried again.
 */
test("a run killed with kill -9 at any moment is finished by the same command, nothing lost, nothing twice (ST-5, I34)", async () => {
  let wholeMs = await uninterruptedMs();
  let interrupted = 0;
  for (let moment = 0; moment < MOMENTS; moment++) {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const { isInterrupted, livedMs } = await killAndFinish(
        (wholeMs * (moment + chance())) / MOMENTS,
        moment % 4 === 3,
      );
      if (isInterrupted) {
        interrupted += 1;
        break;
      }
      wholeMs = Math.min(wholeMs, livedMs);
    }
  }
  expect(interrupted, "moments at which the run had not ended by itself").toBeGreaterThan(MOMENTS / 2);
}, 600_000);

/** At least 0, below 1. */
function chance(): number {
  return (systemRandom.bytes(1)[0] ?? 0) / 256;
}

async function uninterruptedMs(): Promise<number> {
  const project = newProject();
  const begun = systemClock.mono();
  const { code, errors } = await finished(start(project));
  expect(code, errors).toBe(0);
  return systemClock.mono() - begun;
}

interface Killing {
  /** False when the run had ended before the moment came: then there was nothing to finish. */
  readonly isInterrupted: boolean;
  readonly livedMs: number;
}

async function killAndFinish(killAfterMs: number, twice: boolean): Promise<Killing> {
  const at = `killed after ${killAfterMs.toFixed(1)} ms`;
  const project = newProject();
  const begun = systemClock.mono();
  await killed(start(project), killAfterMs);
  const livedMs = systemClock.mono() - begun;
  const finishedBefore = await successes(project);
  if (finishedBefore.length === TASKS) return { isInterrupted: false, livedMs };
  if (twice) await killed(start(project), killAfterMs / 2);
  // A second command that came to the end of the run has finished it: a third one would rightly begin another.
  if ((await successes(project)).length < TASKS) {
    const { code, errors } = await finished(start(project));
    expect(code, `${at}: ${errors}`).toBe(0);
  }
  await expectWholeRun(project, finishedBefore, at);
  await vi.waitFor(() => expect(project.processes(), `${at}: processes left behind`).toEqual([]), LEFT_OVERS_MS_MAX);
  return { isInterrupted: true, livedMs };
}

async function expectWholeRun(project: CrashProject, finishedBefore: readonly string[], at: string): Promise<void> {
  const { runs, states, attempts, names } = await inspect(project);
  expect(
    runs.map((run) => run.state),
    at,
  ).toEqual(["success"]);
  expect(states, at).toEqual(Array.from({ length: TASKS }, () => "success"));
  const effects = project.effects();
  expect(
    effects.filter(({ what }) => what === "overlap"),
    at,
  ).toEqual([]);
  for (const task of finishedBefore) {
    const starts = effects.filter((effect) => effect.what === "start" && effect.task === task);
    expect(starts, `${at}: ${task} had finished before and must not run again`).toHaveLength(1);
  }
  for (const [index, task] of names.entries()) {
    const own = attempts.filter((attempt) => attempt.taskIndex === index);
    expect(own.at(-1)?.outcome, `${at}: ${task}`).toBe("success");
    expect(
      own.slice(0, -1).every(({ outcome }) => outcome === "lost"),
      `${at}: ${task}`,
    ).toBe(true);
    const ends = effects.filter((effect) => effect.what === "end" && effect.task === task);
    expect(ends.length, `${at}: ${task} must have done its work`).toBeGreaterThanOrEqual(1);
  }
}

async function successes(project: CrashProject): Promise<readonly string[]> {
  const { rows, names } = await inspect(project);
  return rows.filter(({ state }) => state === "success").map(({ taskIndex }) => names[taskIndex] ?? "");
}

async function inspect(project: CrashProject) {
  const store = openSqliteStore({ path: join(project.dir, ".batuta", "batuta.db"), clock: systemClock });
  try {
    await store.migrate();
    const runs = await store.runs({ limit: 10 });
    const [run] = runs;
    if (run === undefined) return { runs, rows: [], states: [], attempts: [], names: [] };
    const rows = await store.taskRuns(run.id);
    const states = rows.map(({ state }) => state);
    return { runs, rows, states, attempts: await store.attempts(run.id), names: await taskNames(store, run) };
  } finally {
    await store.close();
  }
}

async function taskNames(store: Store, run: RunRecord): Promise<readonly string[]> {
  const version = await store.version(run.versionHash);
  return version?.manifest.pipelines[0]?.tasks.map(({ name }) => name) ?? [];
}

function newProject(): CrashProject {
  const project = new CrashProject();
  projects.push(project);
  return project;
}

function start(project: CrashProject): ChildProcess {
  return spawn(process.execPath, [BATUTA, "run", "crash"], { cwd: project.dir, stdio: ["ignore", "ignore", "pipe"] });
}

/** Kills the command alone, as a user's `kill -9` or the kernel would: not its children. */
async function killed(command: ChildProcess, afterMs: number): Promise<void> {
  const exit = once(command, "exit");
  const timer = systemClock.after(afterMs, () => command.kill("SIGKILL"));
  await exit;
  timer.cancel();
}

async function finished(command: ChildProcess): Promise<{ readonly code: number | null; readonly errors: string }> {
  let errors = "";
  command.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(command, "close");
  return { code: typeof code === "number" ? code : null, errors };
}
