import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ALL_MUTANTS } from "../src/testing/simulator/mutants/all-mutants.ts";
import type { Mutant } from "../src/testing/simulator/mutants/mutant.ts";

// Applies one bug after the other to a copy of the sources and lets the simulator look for it. A bug that it does not
// find, or that no longer applies, fails the run. npm run sim:mutants [-- --only TEXT].

const REPOSITORY = join(import.meta.dirname, "..");
/** A mutant that lives so long is not found. */
const SEEDS_MAX = 2_000;
/** Enough to say how often it is found. */
const KILLS_MAX = 5;
const MINUTES_MAX = 3;

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });

const verdicts = ALL_MUTANTS.filter(({ name }) => name.includes(values.only)).map(tryMutant);
const alive = verdicts.filter(({ killed }) => !killed);
process.stdout.write(
  alive.length === 0
    ? `All ${verdicts.length} mutants die.\n`
    : `${alive.length} of ${verdicts.length} mutants live: ${alive.map(({ name }) => name).join(", ")}\n`,
);
process.exitCode = alive.length === 0 ? 0 : 1;

interface Verdict {
  readonly name: string;
  readonly killed: boolean;
}

function tryMutant(mutant: Mutant): Verdict {
  const folder = mkdtempSync(join(tmpdir(), "batuta-mutant-"));
  try {
    copyProgram(folder);
    const applied = apply(mutant, folder);
    const { killed, says } = applied ? hunt(folder) : { killed: false, says: "its text no longer occurs exactly once" };
    process.stdout.write(
      `${killed ? "dies " : "LIVES"}  ${mutant.stands.padEnd(5)} ${mutant.name.padEnd(48)} ${says}\n`,
    );
    return { name: mutant.name, killed };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function copyProgram(folder: string): void {
  for (const part of ["src", "scripts", "package.json"]) {
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

function hunt(folder: string): { readonly killed: boolean; readonly says: string } {
  const args = ["scripts/sim.ts", "--json", "--seeds", String(SEEDS_MAX), "--failures", String(KILLS_MAX)];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: MINUTES_MAX * 60_000,
    killSignal: "SIGKILL",
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (signal !== null && line === "") return { killed: true, says: "hangs in its first world" };
  if (!line.startsWith("{")) return { killed: true, says: `falls over: ${stderr.trim().split("\n").at(-1) ?? ""}` };
  const { seeds, failed, first }: Hunt = JSON.parse(line);
  if (first === undefined) return { killed: false, says: `by ${seeds} seeds` };
  return { killed: true, says: `by ${failed} of ${seeds} seeds, seed ${first.seed}: ${first.finding.rule}` };
}

interface Hunt {
  readonly seeds: number;
  readonly failed: number;
  readonly first?: { readonly seed: number; readonly finding: { readonly rule: string } };
}
