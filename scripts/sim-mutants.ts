import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, stripVTControlCharacters } from "node:util";
import { startTestServer } from "../src/store/postgres/server-for-tests.ts";
import { ALL_MUTANTS } from "../src/testing/simulator/mutants/all-mutants.ts";
import type { Hunt, Mutant } from "../src/testing/simulator/mutants/mutant.ts";
import { readArguments } from "./script-arguments.ts";

// Applies one bug after the other to a copy of the sources and hunts for it: in worlds of the simulator, in histories on
// a real PostgreSQL, or in both. A bug that one of its hunts does not find, or that no longer applies, fails the run.

const USAGE = "npm run sim:mutants -- [--only PART-OF-A-NAME] [--jobs N]   as many at a time as there are processors";

const REPOSITORY = join(import.meta.dirname, "..");

/** A mutant that lives so long is not found; after so many kills it is known how often it is. */
const SEEDED: Readonly<Record<SeededHunt, { script: string; seedsMax: number; killsMax: number }>> = {
  worlds: { script: "scripts/sim.ts", seedsMax: 3_000, killsMax: 5 },
  histories: { script: "scripts/sim-postgres.ts", seedsMax: 300, killsMax: 2 },
};
const HUNT_MINUTES_MAX = 10;

type SeededHunt = Extract<Hunt, "worlds" | "histories">;

const { only, jobs } = readArguments(USAGE, parse);
/** Of this run; gone with it, also when somebody ends it. */
const workshop = mkdtempSync(join(tmpdir(), "batuta-mutants-"));
process.on("exit", () => rmSync(workshop, { recursive: true, force: true }));
const began = performance.now();
const chosen = ALL_MUTANTS.filter(({ name }) => name.includes(only));
const server = chosen.some(({ hunts }) => hunts.includes("histories")) ? await startTestServer() : undefined;
try {
  await tryAll(chosen);
} finally {
  await server?.stop();
}

function parse() {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { only: text, jobs: text } });
  const { only = "", jobs = String(availableParallelism()) } = values;
  if (!/^[1-9]\d?$/.test(jobs)) throw new Error(`--jobs takes a number from 1 to 99, not "${jobs}"`);
  return { only, jobs: Number(jobs) };
}

async function tryAll(mutants: readonly Mutant[]): Promise<void> {
  const alive: string[] = [];
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      if (!(await dies(mutant))) alive.push(mutant.name);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  print(
    alive.length === 0
      ? `All ${mutants.length} mutants die.`
      : `${alive.length} of ${mutants.length} mutants live: ${alive.join(", ")}`,
  );
  print(`${minutes(began)} minutes, ${jobs} at a time`);
  process.exitCode = alive.length === 0 && mutants.length > 0 ? 0 : 1;
}

/** By each of its hunts. */
async function dies(mutant: Mutant): Promise<boolean> {
  const folder = mkdtempSync(join(workshop, "mutant-"));
  try {
    copyProgram(folder);
    if (!apply(mutant, folder))
      return verdict(mutant, { killed: false, says: "its text no longer occurs exactly once" });
    let killed = true;
    for (const hunt of mutant.hunts) killed = verdict(mutant, await huntIn(folder, hunt)) && killed;
    return killed;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Verdict {
  readonly killed: boolean;
  readonly says: string;
}

function verdict({ name, stands }: Mutant, { killed, says }: Verdict): boolean {
  print(`${killed ? "dies " : "LIVES"}  ${stands.padEnd(5)} ${name.padEnd(52)} ${says}`);
  return killed;
}

function copyProgram(folder: string): void {
  for (const part of ["src", "scripts", "package.json", "vitest.config.ts"]) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
}

function apply({ file, text, becomes }: Mutant, folder: string): boolean {
  const path = join(folder, "src", file);
  if (!existsSync(path)) return false;
  const source = readFileSync(path, "utf8");
  if (source.split(text).length !== 2) return false;
  writeFileSync(
    path,
    source.replace(text, () => becomes),
  );
  return true;
}

function huntIn(folder: string, hunt: Hunt): Promise<Verdict> {
  return hunt === "worlds" || hunt === "histories" ? huntBySeeds(folder, hunt) : huntByTest(folder, hunt);
}

async function huntBySeeds(folder: string, hunt: SeededHunt): Promise<Verdict> {
  const { script, seedsMax, killsMax } = SEEDED[hunt];
  const from = performance.now();
  const url = hunt === "histories" && server !== undefined ? ["--url", server.url] : [];
  const limits = ["--seeds", String(seedsMax), "--failures", String(killsMax)];
  const { output, errors, signal } = await run([script, "--json", ...limits, ...url], folder);
  const line = output.trim().split("\n").at(-1) ?? "";
  if (signal !== null && line === "") return { killed: true, says: `hangs in the first of its ${hunt}` };
  if (!line.startsWith("{")) return { killed: true, says: `falls over: ${causeIn(errors)}` };
  const { seeds, failed, first }: Report = JSON.parse(line);
  const took = `in ${minutes(from)} min`;
  if (first === undefined) return { killed: false, says: `in ${seeds} ${hunt} ${took}` };
  const { seed, finding } = first;
  return { killed: true, says: `in ${failed} of ${seeds} ${hunt} ${took}, seed ${seed}: ${finding.rule}` };
}

/** The line that names the error: Node prints where it was before, and how after. */
function causeIn(errors: string): string {
  const lines = errors.trim().split("\n");
  return lines.find((line) => /^\w*Error\b|^error:/.test(line)) ?? lines.at(-1) ?? "";
}

async function huntByTest(folder: string, file: string): Promise<Verdict> {
  const { output } = await run(["node_modules/vitest/vitest.mjs", "run", join("src", file)], folder);
  const failed = /Tests\D*(\d+) failed/.exec(stripVTControlCharacters(output))?.[1];
  return { killed: failed !== undefined, says: `by ${failed ?? "none"} of the tests in ${file}` };
}

interface Report {
  readonly seeds: number;
  readonly failed: number;
  readonly first?: { readonly seed: number; readonly finding: { readonly rule: string } };
}

function run(args: readonly string[], folder: string): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: HUNT_MINUTES_MAX * 60_000,
    killSignal: "SIGKILL",
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += String(data);
  });
  child.stderr.on("data", (data) => {
    errors += String(data);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (_, signal) => resolve({ output, errors, signal }));
  });
}

interface Ended {
  readonly output: string;
  readonly errors: string;
  readonly signal: NodeJS.Signals | null;
}

function minutes(since: number): string {
  return ((performance.now() - since) / 60_000).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
