import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { CrashProject } from "./crash-project-for-tests.ts";

const BATUTA = fileURLToPath(new URL("../../../bin/batuta.js", import.meta.url));
const DAYS = 30;
/** It is killed when it has so many runs: before it creates the first of them, just then, and in the middle. */
const KILLED_AT_RUNS = [0, 1, 8, 16];
const RUNS_MS_MAX = 60_000;
const LEFT_OVERS_MS_MAX = 60_000;

/** Comes to no end before there is a file `go`. */
const PIPELINE = `
import { existsSync } from "node:fs";
import { pipeline } from "batuta";

export default pipeline("filled", ({ task }) => {
  task("load", async ({ ds }) => {
    do await new Promise((resolve) => setTimeout(resolve, 150));
    while (ds > "2024-01-20" && !existsSync("go"));
    return ds;
  });
});
`;

const projects: CrashProject[] = [];

afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});

test("I23, BF-5: a backfill killed with kill -9 again and again creates each interval once, and is finished by the same command", async () => {
  const project = new CrashProject();
  projects.push(project);
  writeFileSync(join(project.dir, "pipelines", "filled.ts"), PIPELINE);
  for (const runs of KILLED_AT_RUNS) await killedAt(start(project), project, runs);
  const before = await intervalsOf(project);
  expect(before.length, "intervals that were begun before the last kill").toBeLessThan(DAYS);
  writeFileSync(join(project.dir, "go"), "");
  const [code] = await once(start(project), "close");
  expect(code).toBe(0);
  const intervals = await intervalsOf(project);
  expect(intervals.map(({ ds }) => ds).sort()).toEqual(
    Array.from({ length: DAYS }, (_, index) => `2024-01-${String(index + 1).padStart(2, "0")}`),
  );
  expect(intervals.every(({ state }) => state === "success")).toBe(true);
  await vi.waitFor(() => expect(project.processes(), "processes left behind").toEqual([]), LEFT_OVERS_MS_MAX);
}, 300_000);

function start(project: CrashProject): ChildProcess {
  const range = ["--from", "2024-01-01", "--to", "2024-01-30", "--every", "1d", "--max-active", "3"];
  return spawn(process.execPath, [BATUTA, "backfill", "filled", ...range], { cwd: project.dir, stdio: "ignore" });
}

/** The command alone, as the kernel would: not its children. */
async function killedAt(command: ChildProcess, project: CrashProject, runs: number): Promise<void> {
  const exit = once(command, "exit");
  const hasRuns = async () => expect((await intervalsOf(project)).length).toBeGreaterThanOrEqual(runs);
  await vi.waitFor(hasRuns, { timeout: RUNS_MS_MAX, interval: 10 });
  command.kill("SIGKILL");
  await exit;
}

async function intervalsOf(project: CrashProject) {
  const path = join(project.dir, ".batuta", "batuta.db");
  if (!existsSync(path)) throw new Error(`There is no ${path} yet`);
  const store = openSqliteStore({ path, clock: systemClock });
  try {
    return (await store.runs({ project: "crash", pipeline: "filled", limit: 1_000 })).map(({ ds, state }) => ({
      ds,
      state,
    }));
  } finally {
    await store.close();
  }
}
