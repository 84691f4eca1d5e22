import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const REPOSITORY = join(import.meta.dirname, "..");

/** Ways to read time or chance, or to reach the machine, without an import. */
const WAYS_OUT = [
  "Date.now()",
  "new Date()",
  "Date()",
  "[0].map(Date.now)",
  "performance.now()",
  "Math.random()",
  "[0].map(Math.random)",
  "crypto.randomUUID()",
  "globalThis.crypto.getRandomValues(new Uint8Array(1))",
  "setTimeout(() => 0, 1)",
  "setInterval(() => 0, 1)",
  "setImmediate(() => 0)",
  "globalThis.setTimeout(() => 0, 1)",
  "process.nextTick(() => 0)",
  "process.hrtime.bigint()",
  "process.uptime()",
  'await fetch("http://127.0.0.1")',
] as const;

const ALLOWED = [
  "new Date(0)",
  "Date.UTC(2026, 0)",
  "Date.parse(String(1))",
  "Math.max(1, 2)",
  "[process.pid]",
] as const;

let project: string;
let complaints: ReadonlySet<string>;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "batuta-lint-"));
  for (const file of ["biome.jsonc", ".biome", ".gitignore"]) {
    cpSync(join(REPOSITORY, file), join(project, file), { recursive: true });
  }
  write("package.json", JSON.stringify({ name: "batuta", type: "module" }));
  [...WAYS_OUT, ...ALLOWED].forEach((expression, index) => {
    for (const folder of ["engine", "ports"])
      write(`src/${folder}/way-${index}.ts`, `export const way = ${expression};\n`);
    write(`src/engine/way-${index}.test.ts`, `export const way = ${expression};\n`);
  });
  write("src/core/environment.ts", "export const home = process.env.HOME;\n");
  write("src/core/inline.ts", 'export type Far = import("../engine/way-0.ts").Far;\n');
  write(
    "src/core/floating.ts",
    "async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n",
  );
  write("src/core/printing.ts", 'console.log("here");\n');
  complaints = lint();
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("lint rules of our own", () => {
  test.each(WAYS_OUT.map((way, index) => [way, index] as const))(
    "%s is refused outside src/ports, in tests as well",
    (_, index) => {
      expect(complaints).toContain(`src/engine/way-${index}.ts`);
      expect(complaints).toContain(`src/engine/way-${index}.test.ts`);
      expect(complaints).not.toContain(`src/ports/way-${index}.ts`);
    },
  );

  test.each(ALLOWED.map((way, index) => [way, WAYS_OUT.length + index] as const))("%s is allowed", (_, index) => {
    expect(complaints).not.toContain(`src/engine/way-${index}.ts`);
  });

  test.each(["environment", "inline", "floating", "printing"])("src/core/%s.ts is refused", (name) => {
    expect(complaints).toContain(`src/core/${name}.ts`);
  });
});

/** The files that Biome, as configured for the repository, finds an error in. */
function lint(): ReadonlySet<string> {
  const program = join(REPOSITORY, "node_modules", "@biomejs", "biome", "bin", "biome");
  const args = [program, "lint", "--reporter=json", "--max-diagnostics=none", "--diagnostic-level=error"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  const report: { diagnostics: { location: { path: string } }[] } = JSON.parse(stdout);
  return new Set(report.diagnostics.map(({ location }) => location.path));
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}
