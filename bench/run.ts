import { rmSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startTestServer } from "../src/store/postgres/server-for-tests.ts";
import type { Line } from "./line.ts";
import { LINES } from "./lines.ts";
import { SCRATCH } from "./measures/bench-store.ts";
import { PROJECTS } from "./measures/warm-engine.ts";

await bench();

/** Measures on this machine, one after the other, and prints a table. `--only map,chain` measures these alone. */
async function bench(): Promise<void> {
  const { only } = parseArgs({ options: { only: { type: "string" } } }).values;
  const names = only === undefined ? Object.keys(LINES) : only.split(",");
  const strange = names.filter((name) => LINES[name] === undefined);
  if (strange.length > 0) {
    process.stderr.write(`There is no ${strange.join(", ")}. Measures: ${Object.keys(LINES).join(", ")}\n`);
    process.exitCode = 2;
    return;
  }
  process.stderr.write(`Measuring ${names.join(", ")} on ${cpus().length} cores, Node ${process.versions.node}.\n`);
  const postgres = await startTestServer();
  try {
    const lines: Line[] = [];
    for (const name of names) lines.push(...((await LINES[name]?.(postgres.url)) ?? []));
    print(lines);
  } finally {
    await postgres.stop();
    rmSync(SCRATCH, { recursive: true, force: true });
    for (const name of ["one", "chain", "fan", "trigger", "wide", "map", "sensors"]) {
      rmSync(join(PROJECTS, name, ".batuta"), { recursive: true, force: true });
    }
  }
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
