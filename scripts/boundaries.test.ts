import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ARROWS } from "../.dependency-cruiser.ts";

const REPOSITORY = join(import.meta.dirname, "..");

/** Breaks one rule each: the file that does it, what it says, and the rule that must notice. */
const OFFENCES: readonly (readonly [rule: string, file: string, text: string])[] = [
  ["no-cycles", "src/core/egg.ts", 'import type { Hen } from "./hen.ts";\nexport type Egg = Hen;'],
  ["no-cycles", "src/core/self.ts", 'export * from "./self.ts";'],
  ["resolvable", "src/core/lost.ts", 'import "./nowhere.ts";'],
  ["only-known-rooms", "src/core/to-a-new-room.ts", 'import "../attic/room.ts";'],
  ["only-known-rooms", "src/core/to-no-room.ts", 'import "../loose.ts";'],
  ["engine-sees-the-executor-interface", "src/engine/to-pool.ts", 'import type { Room } from "../execution/room.ts";'],
  ["nothing-imports-cli", "scripts/to-cli.ts", 'import "../src/cli/room.ts";'],
  ["nothing-imports-cli", "bench/to-cli.ts", 'const { room } = await import("../src/cli/room.ts");\nroom;'],
  ["nothing-imports-cli", "bench/using-cli.ts", 'await using it = await import("../src/cli/room.ts");\nit;'],
  ["src-stands-alone", "src/core/to-example.ts", 'import "../../examples/example.ts";'],
  ["src-stands-alone", "src/engine/to-bench.test.ts", 'import "../../bench/bench.ts";'],
  ["nothing-imports-tests", "src/engine/to-test.test.ts", 'import "./other.test.ts";'],
  ["only-tests-import-test-files", "src/engine/to-suite.ts", 'import "./service-conformance.ts";'],
  ["only-tests-import-test-files", "src/engine/to-rows.ts", 'import "./rows-for-tests.ts";'],
  ["examples-use-the-public-entry-points", "examples/to-store.ts", 'import "../src/store/room.ts";'],
  ["core-is-pure", "src/core/to-path.ts", 'import { join } from "node:path";\njoin("a");'],
  ["core-is-pure", "src/core/to-zod.ts", 'import type { z } from "zod";\nexport type Z = z;'],
  ["ports-own-the-machine", "src/engine/to-files.ts", 'import { readFileSync } from "node:fs";\nreadFileSync("a");'],
  ["ports-own-the-machine", "src/cli/to-processes.ts", 'const { spawn } = await import("child_process");\nspawn("a");'],
  [
    "ports-own-time-and-chance",
    "src/engine/to-timers.ts",
    'import { setTimeout } from "node:timers/promises";\nsetTimeout(1);',
  ],
  [
    "ports-own-time-and-chance",
    "src/engine/asleep.test.ts",
    'import { setTimeout } from "node:timers/promises";\nsetTimeout(1);',
  ],
  [
    "databases-live-in-store-and-tasks",
    "src/engine/to-sqlite.ts",
    'import { DatabaseSync } from "node:sqlite";\nDatabaseSync;',
  ],
  ["databases-live-in-store-and-tasks", "src/cli/to-pg.ts", 'import type { Pool } from "pg";\nexport type P = Pool;'],
  ["what-ships-needs-no-dev-dependency", "src/testing/to-vitest.ts", 'import { expect } from "vitest";\nexpect;'],
];

/** What the offences lean on, and neighbours that look alike and are allowed. */
const INNOCENTS: Readonly<Record<string, string>> = {
  "src/attic/room.ts": "export {};",
  "src/loose.ts": "export {};",
  "src/core/hen.ts": 'import type { Egg } from "./egg.ts";\nexport type Hen = Egg;',
  "src/engine/other.test.ts":
    'import "node:fs";\nimport "vitest";\nimport "./rows-for-tests.ts";\nimport "./service-conformance.ts";',
  "src/engine/service-conformance.ts": 'import "vitest";',
  "src/engine/rows-for-tests.ts": "export {};",
  "src/engine/to-executor.ts": 'import type { Executor } from "../execution/executor.ts";\nexport type E = Executor;',
  "src/execution/executor.ts": "export type Executor = 1;",
  "src/core/calendar.ts": 'import { Cron } from "croner";\nCron;',
  "src/store/to-pg.ts": 'import { Pool } from "pg";\nimport { DatabaseSync } from "node:sqlite";\nPool;\nDatabaseSync;',
  "src/tasks/to-pg.ts": 'import { Pool } from "pg";\nPool;',
  "src/ports/files.ts": 'import "node:fs";\nimport "node:timers/promises";\nimport "node:crypto";',
  "src/sdk/index.ts": "export {};",
  "bin/batuta.js": 'import("../src/cli/room.ts");',
  "bench/bench.ts": 'import "../src/store/room.ts";',
  "examples/example.ts": 'import "../src/sdk/index.ts";\nimport "batuta";\nimport "vitest";',
};

const rooms = Object.keys(ARROWS);
let project: string;
let violations: readonly string[];

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "batuta-boundaries-"));
  writeProject();
  violations = checkBoundaries();
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

describe("dependency directions", () => {
  test.each(OFFENCES)("%s: %s is refused", (rule, file) => {
    expect(violations).toContain(`${rule} ${file}`);
  });

  test("an arrow between two rooms is refused exactly when ARROWS does not name it, for types as well", () => {
    const pairs = rooms.flatMap((from) => rooms.filter((to) => to !== from).map((to) => ({ from, to })));
    const refused = ({ from, to }: { from: string; to: string }): boolean =>
      violations.includes(`arrows-${from} src/${from}/sees-${to}.ts`);

    expect(pairs.filter(refused)).toEqual(pairs.filter(({ from, to }) => !isAllowed(from, to)));
  });

  test("nothing else is refused", () => {
    const guilty = new Set(OFFENCES.map(([, file]) => file));
    const others = violations.filter((violation) => {
      const file = violation.split(" ")[1] ?? "";
      return !guilty.has(file) && !/\/sees-\w+\.ts$/.test(file);
    });

    expect(others).toEqual([]);
  });
});

function isAllowed(from: string, to: string): boolean {
  return ARROWS[from]?.includes(to) === true;
}

function writeProject(): void {
  write("package.json", JSON.stringify(manifest()));
  for (const name of ["croner", "pg", "zod", "vitest"]) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    write(`node_modules/${name}/index.js`, "");
  }
  for (const from of rooms) {
    write(`src/${from}/room.ts`, "export type Room = 1;\nexport const room = 1;");
    for (const to of rooms.filter((room) => room !== from)) {
      write(`src/${from}/sees-${to}.ts`, `import type { Room } from "../${to}/room.ts";\nexport type R = Room;`);
    }
  }
  for (const [, file, text] of OFFENCES) write(file, text);
  for (const [file, text] of Object.entries(INNOCENTS)) write(file, text);
}

function manifest(): object {
  return {
    name: "batuta",
    type: "module",
    exports: { ".": "./src/sdk/index.ts" },
    dependencies: { croner: "1", pg: "1", zod: "1" },
    devDependencies: { vitest: "1" },
  };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

/** "rule file" for each violation, from the real configuration and the real program. */
function checkBoundaries(): readonly string[] {
  const program = join(REPOSITORY, "node_modules", "dependency-cruiser", "bin", "dependency-cruiser.mjs");
  const config = join(REPOSITORY, ".dependency-cruiser.ts");
  const folders = ["src", "bin", "scripts", "examples", "bench"];
  const args = [program, "--config", config, "--output-type", "json", ...folders];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  expect(stderr).toBe("");
  const report: { summary: { violations: { rule: { name: string }; from: string }[] } } = JSON.parse(stdout);
  return report.summary.violations.map(({ rule, from }) => `${rule.name} ${from}`);
}
