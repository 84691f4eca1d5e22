import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as batuta from "../src/sdk/index.ts";
import * as tasks from "../src/tasks/index.ts";
import * as testing from "../src/testing/index.ts";

// What README and docs/ show in TypeScript is copied: a strict compiler accepts it, but for the names that stand for the
// reader's own functions.

const REPOSITORY = join(import.meta.dirname, "..");
const PAGES = ["README.md", ...pagesIn("docs")];
const ENTRIES = { batuta, "batuta/tasks": tasks, "batuta/testing": testing };

/** "There is no such name", in its forms, and what follows of it: a parameter whose type nobody can tell. */
const READERS_OWN = /error TS(2304|2552|2582|18004|7006|7031):/;

const folder = mkdtempSync(join(tmpdir(), "batuta-pages-"));
const examples = PAGES.flatMap(examplesOf);
const WRONG = { name: "wrong.ts", text: complete('task("load", sql("warehouse")`select 1`);') };
let complaints: readonly string[];

beforeAll(() => {
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(REPOSITORY, join(folder, "node_modules", "batuta"));
  for (const name of ["zod", "@types"]) {
    symlinkSync(join(REPOSITORY, "node_modules", name), join(folder, "node_modules", name));
  }
  const compilerOptions = {
    target: "esnext",
    module: "nodenext",
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    types: ["node"],
  };
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  for (const { name, text } of [...examples, WRONG]) writeFileSync(join(folder, name), text);
  complaints = complaintsOfTheCompiler();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the examples of README and docs/ are TypeScript that a project may take as it stands", () => {
  expect(examples.length).toBeGreaterThan(20);
  expect(complaints.filter((line) => !line.includes(WRONG.name))).toEqual([]);
});

test("an example that calls what is not there is found", () => {
  expect(complaints.filter((line) => line.includes(WRONG.name))).toHaveLength(1);
});

function complaintsOfTheCompiler(): readonly string[] {
  const compiler = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  const lines = stdout.split("\n").filter((line) => line.includes("error TS"));
  return lines.filter((line) => !READERS_OWN.test(line));
}

function examplesOf(page: string): readonly { readonly name: string; readonly text: string }[] {
  const lines = readFileSync(join(REPOSITORY, page), "utf8").split("\n");
  const starts = lines.flatMap((line, index) => (line === "```ts" ? [index + 1] : []));
  return starts.map((start) => ({
    name: `${page.replaceAll(/\W/g, "_")}_line_${start + 1}.ts`,
    text: complete(lines.slice(start, lines.indexOf("```", start)).join("\n")),
  }));
}

/** A fragment gets what stands around it: the imports, a builder of tasks, the braces of an options object. */
function complete(example: string): string {
  const whole = /^\w+: /.test(example) ? `({\n${example}\n});` : example;
  if (/^import /m.test(whole)) return whole;
  const imports = Object.entries(ENTRIES).map(
    ([entry, exports]) => `import { ${usedIn(whole, exports).join(", ")} } from "${entry}";`,
  );
  const builder = 'declare const task: import("batuta").PipelineBuilder["task"];';
  return [...imports, builder, "export {};", whole].join("\n");
}

function usedIn(example: string, exports: object): readonly string[] {
  return Object.keys(exports).filter((name) => new RegExp(`(?<![.\\w])${name}[(\`.]`).test(example));
}

function pagesIn(name: string): readonly string[] {
  return readdirSync(join(REPOSITORY, name))
    .filter((page) => page.endsWith(".md"))
    .map((page) => `${name}/${page}`);
}
