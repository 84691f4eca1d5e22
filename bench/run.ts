import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startTestServer } from "../src/store/postgres/server-for-tests.ts";
import { commandMs } from "./measures/command.ts";
import type { EngineFigures } from "./measures/engine-process.ts";
import { fsyncMs } from "./measures/fsync.ts";
import { loadMs } from "./measures/load.ts";
import { median } from "./measures/timing.ts";
import { PROJECTS } from "./measures/warm-engine.ts";

/** One line of the table: what is measured, and what it should be at most (or at least). */
interface Line {
  readonly what: string;
  readonly target: string;
  readonly sqlite: string;
  readonly postgres: string;
}

const ENGINE_PROCESS = fileURLToPath(new URL("measures/engine-process.ts", import.meta.url));
const TASKS_IN_FAN = 10_002;
const TASKS_IN_CHAIN = 1_000;

await bench();

/** Measures everything on this machine, one after the other, and prints a table. Takes about two minutes. */
async function bench(): Promise<void> {
  process.stderr.write(`Measuring on ${cpus().length} cores, Node ${process.versions.node}: about two minutes.\n`);
  const postgres = await startTestServer();
  try {
    const fsync = await fsyncMs(PROJECTS);
    print([
      await versionLine(),
      await coldRunLine(postgres.url),
      { what: "fsync of the disk", target: "", sqlite: ms(fsync), postgres: ms(fsync) },
      await chainLine(fsync, postgres.url),
      ...(await fanLines(postgres.url)),
      await triggerLine(postgres.url),
      await loadLine(),
    ]);
  } finally {
    await postgres.stop();
    for (const name of ["one", "chain", "fan", "trigger", "wide"]) {
      rmSync(join(PROJECTS, name, ".batuta"), { recursive: true, force: true });
    }
  }
}

async function versionLine(): Promise<Line> {
  const measured = ms(await commandMs({ args: ["--version"], cwd: PROJECTS }, 20));
  return { what: "batuta --version", target: "≤ 100 ms", sqlite: measured, postgres: measured };
}

async function coldRunLine(url: string): Promise<Line> {
  const cwd = join(PROJECTS, "one");
  const sqlite = await commandMs({ args: ["run", "one"], cwd }, 5);
  const postgres = await commandMs({ args: ["run", "one"], cwd, env: { BATUTA_DATABASE_URL: url } }, 5);
  return { what: "run of one task, from start to exit", target: "≤ 1 s", sqlite: ms(sqlite), postgres: ms(postgres) };
}

async function chainLine(fsync: number, url: string): Promise<Line> {
  const hop = ({ runMs }: EngineFigures): string => `${(median(runMs) / TASKS_IN_CHAIN).toFixed(2)} ms a hop`;
  const sqlite = hop(await engine("chain", 5));
  const postgres = hop(await engine("chain", 5, url));
  return { what: "chain of 1,000 tasks", target: `≤ ${(fsync + 1).toFixed(2)} ms a hop`, sqlite, postgres };
}

async function fanLines(url: string): Promise<Line[]> {
  const sqlite = await engine("fan", 5);
  const postgres = await engine("fan", 5, url);
  const speed = ({ runMs }: EngineFigures): string =>
    `${Math.round(TASKS_IN_FAN / (median(runMs) / 1_000)).toLocaleString("en")} tasks/s`;
  const memory = ({ peakMemoryBytes }: EngineFigures): string => `${Math.round(peakMemoryBytes / 1e6)} MB`;
  const target = "≥ 5,000, PostgreSQL ≥ 3,000";
  return [
    { what: "1 → 10,000 → 1 tasks", target, sqlite: speed(sqlite), postgres: speed(postgres) },
    { what: "memory of that engine", target: "≤ 300 MB", sqlite: memory(sqlite), postgres: memory(postgres) },
  ];
}

async function triggerLine(url: string): Promise<Line> {
  const half = ({ triggerMs }: EngineFigures): string => `${median(triggerMs).toFixed(2)} ms p50`;
  const sqlite = half(await engine("trigger", 200));
  const postgres = half(await engine("trigger", 200, url));
  return { what: "trigger to first line of the task", target: "≤ 2 ms p50", sqlite, postgres };
}

async function loadLine(): Promise<Line> {
  const measured = ms(await loadMs(join(PROJECTS, "wide")));
  return { what: "graph of 10,000 tasks loads", target: "≤ 1 s", sqlite: measured, postgres: measured };
}

/** Each engine in a process of its own, so that one's memory and warmth are not another's. */
function engine(project: string, times: number, url?: string): Promise<EngineFigures> {
  return new Promise((resolve, reject) => {
    const args = [ENGINE_PROCESS, project, String(times), ...(url === undefined ? [] : [url])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let answer = "";
    child.stdout.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(JSON.parse(answer));
      else reject(new Error(`The engine of ${project} ended with exit code ${code}.`));
    });
  });
}

function print(lines: readonly Line[]): void {
  const rows = [
    ["", "target", "SQLite", "PostgreSQL"],
    ...lines.map(({ what, target, sqlite, postgres }) => [what, target, sqlite, postgres]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd()}\n`,
    );
  }
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
}
