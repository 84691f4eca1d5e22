import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProjectProblem } from "./problem.ts";
import { type ProjectForTests, pipelineFile, projectForTests } from "./project-for-tests.ts";

/** Every broken file, in one project with whole ones: name -> text. */
const BROKEN = {
  "enum.ts": "const a = 1;\nexport enum Color { red }",
  "namespace.ts": "namespace Rates { export const usd = 1 }",
  "property.ts": "class Rate {\n  constructor(private value: number) {}\n}",
  "require.ts": 'import fs = require("node:fs");',
  "syntax.ts": "const a: number = 1;\nconst b = = 2;",
  "syntax.js": "const a = 1;\nconst b = = 2;",
  "unclosed.ts": "export const a = {\n",
  "package.ts": 'const a = 1;\nimport { x } from "no-such-package";',
  "extension.ts": 'import { rate } from "../lib/rate";',
  "misspelt.ts": 'import { rate } from "../lib/raet.ts";',
  "outside.ts": 'import { x } from "../../outside.ts";',
  "unkept.ts": 'import x from "../lib/data.wasm";',
  "export.ts": 'import { raet } from "../lib/rate.ts";',
  "json.ts": 'import settings from "../lib/settings.json";',
  "throws.ts": 'function fail(): never {\n  throw new TypeError("no rates");\n}\nfail();',
  "dependency.ts": 'import "../lib/broken.ts";',
  "string.ts": 'throw "just text";',
  "early.ts":
    'import { pipeline } from "batuta";\nexport default pipeline("early", ({ task }) => {\n  task("b", { input: { a } }, () => 1);\n  const a = task("a", () => 1);\n});',
  "cycle.ts": pipelineFile("cycle", 'task("a", { after: ["b"] }, () => 1);\n  task("b", { after: ["a"] }, () => 1);'),
  "template.ts":
    'import { pipeline } from "batuta";\nimport { sql } from "batuta/tasks";\nexport default pipeline("template", ({ task }) => {\n  task("a", sql.file("lib/wrong.sql"));\n});',
  "loops.ts": "while (true) {}",
  "waits.ts": "await new Promise(() => {});",
  "exits.ts": "const end = () => {\n  process.exit(0);\n};\nend();",
  "memory.ts": "const rows = [];\nwhile (true) rows.push(new Array(1_000_000).fill(1));",
  "late.ts":
    'setTimeout(() => {\n  throw new Error("too late");\n}, 0);\nawait new Promise((resolve) => setTimeout(resolve, 2_000));',
  "rejects.ts":
    'Promise.reject(new Error("nobody waits"));\nawait new Promise((resolve) => setTimeout(resolve, 2_000));',
  "killed.ts": 'process.kill(process.pid, "SIGKILL");\nawait new Promise(() => {});',
  "nothing.ts": "export const rate = 1;",
};

let project: ProjectForTests;
let problems: readonly ProjectProblem[];
let pipelines: readonly string[];

beforeAll(async () => {
  project = projectForTests({
    "lib/rate.ts": "export const rate = 1;",
    "lib/settings.json": "{}",
    "lib/data.wasm": "",
    "lib/broken.ts": "const a = 1;\nenum Broken { a }",
    "lib/wrong.sql": "select 1;\nselect 'x {{ ds }}';",
    "pipelines/a-first.ts": pipelineFile("first"),
    "pipelines/z-last.ts": pipelineFile("last"),
  });
  project.write(Object.fromEntries(Object.entries(BROKEN).map(([name, text]) => [`pipelines/${name}`, text])));
  const compiled = await project.compile({ limits: { fileMs: 3_000, memoryBytes: 200 * 2 ** 20 } });
  problems = compiled.problems;
  pipelines = compiled.manifest.pipelines.map(({ name }) => name);
});

afterAll(() => project.remove());

function problemOf(name: keyof typeof BROKEN): ProjectProblem {
  const found = problems.filter(({ file }) => file === `pipelines/${name}`);
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${name} has ${found.length} problems.`);
  return found[0];
}

test("one broken file never hides the others", () => {
  expect(pipelines).toEqual(["first", "last"]);
  expect(problems.map(({ file }) => file).sort()).toEqual(
    Object.keys(BROKEN)
      .map((name) => `pipelines/${name}`)
      .sort(),
  );
});

test("every problem says what to do, and none shows where versions are kept", () => {
  for (const { hint, message, codeFrame = "" } of problems) {
    expect(hint).toMatch(/./);
    expect(`${message} ${hint} ${codeFrame}`).not.toContain(project.dir);
  }
});

describe("what TypeScript's types cannot be taken away from", () => {
  test.each([
    ["enum.ts", "enum", "2:8", /const Color = \{/],
    ["namespace.ts", "namespace declaration", "1:1", /module of its own/],
    ["property.ts", "parameter property", "2:23", /set in the constructor/],
    ["require.ts", "import equals declaration", "1:1", /import fs from/],
  ] as const)("%s: names the construct, its place and the fix", (name, construct, place, fix) => {
    const problem = problemOf(name);
    expect(problem).toMatchObject({ severity: "error", code: "load_failed" });
    expect(problem.message).toContain(`TypeScript's ${construct} needs a compiler`);
    expect(`${problem.location?.line}:${problem.location?.column}`).toBe(place);
    expect(problem.hint).toMatch(fix);
  });

  test("the place is in the file that holds the construct, also when another one imports it", () => {
    expect(problemOf("dependency.ts").location).toEqual({ file: "lib/broken.ts", line: 2, column: 1 });
  });
});

describe("syntax errors", () => {
  test.each(["syntax.ts", "syntax.js"] as const)("%s: line, column and the code around", (name) => {
    const problem = problemOf(name);
    expect(problem).toMatchObject({
      code: "load_failed",
      location: { file: `pipelines/${name}`, line: 2, column: 11 },
    });
    expect(problem.codeFrame).toContain("> 2 | const b = = 2;\n    |           ^");
  });

  test("a file that ends too early has a place too", () => {
    expect(problemOf("unclosed.ts")).toMatchObject({
      code: "load_failed",
      location: { file: "pipelines/unclosed.ts" },
    });
  });
});

describe("imports", () => {
  test.each([
    [
      "package.ts",
      'Cannot find package "no-such-package".',
      "2:19",
      "Install it in the project folder: npm install no-such-package",
    ],
    ["extension.ts", 'Cannot find "../lib/rate".', "1:22", 'Imports name the whole file: write "../lib/rate.ts".'],
    ["misspelt.ts", 'Cannot find "../lib/raet.ts".', "1:22", 'Did you mean "../lib/rate.ts"?'],
    ["outside.ts", 'Cannot find "../../outside.ts".', "1:19", /Imports stay within the project folder/],
    ["unkept.ts", 'Cannot find "../lib/data.wasm".', "1:15", /no sources of the project and are not kept/],
    ["export.ts", '"../lib/rate.ts" exports no `raet`.', "1:10", /spelling/],
    ["json.ts", "The import of settings.json does not say that it is JSON.", "1:22", /with \{ type: "json" \}/],
  ] as const)("%s: which import, where, and how to mend it", (name, message, place, hint) => {
    const problem = problemOf(name);
    expect(problem.message).toBe(message);
    expect(`${problem.location?.line}:${problem.location?.column}`).toBe(place);
    expect(problem.hint).toMatch(hint);
  });
});

describe("code that fails while it is loaded", () => {
  test.each([
    ["throws.ts", "The file throws while it is loaded: TypeError: no rates", 2],
    ["string.ts", 'The file throws "just text" while it is loaded.', 1],
    ["late.ts", "The file throws while it is loaded: Error: too late", 2],
    ["rejects.ts", "The file throws while it is loaded: Error: nobody waits", 1],
    ["exits.ts", "process.exit(0) is called while the file is loaded.", 2],
  ] as const)("%s: what it threw, and where", (name, message, line) => {
    expect(problemOf(name)).toMatchObject({ code: "load_failed", message, location: { line } });
  });

  test("a loop without end, and an await of nothing, are ended after the time for one file", () => {
    for (const name of ["loops.ts", "waits.ts"] as const) {
      expect(problemOf(name)).toMatchObject({
        code: "load_timeout",
        message: `pipelines/${name} does not finish loading within 3.0 s.`,
      });
    }
  });

  test("a file that eats all memory is named, with the limit", () => {
    expect(problemOf("memory.ts").message).toBe(
      "pipelines/memory.ts uses more than 200 MiB of memory while it is loaded.",
    );
  });

  test("a file that kills its process is named, with the signal", () => {
    expect(problemOf("killed.ts").message).toContain("has ended by SIGKILL");
  });
});

describe("wrong definitions", () => {
  test("a task used before it is defined", () => {
    expect(problemOf("early.ts")).toMatchObject({
      code: "invalid_definition",
      message: "`a` is used before it is defined.",
      location: { line: 3 },
    });
  });

  test("a cycle, as its path, at one of its tasks", () => {
    const problem = problemOf("cycle.ts");
    expect(problem).toMatchObject({ code: "invalid_definition", location: { line: 3, column: 3 } });
    expect(problem.message).toContain("a → b → a");
    expect(problem.codeFrame).toContain('> 3 |   task("a", { after: ["b"] }, () => 1);');
  });

  test("a wrong template in a file of the project, at its place in that file", () => {
    const problem = problemOf("template.ts");
    expect(problem).toMatchObject({
      code: "invalid_template",
      location: { file: "lib/wrong.sql", line: 2, column: 11 },
    });
    expect(problem.codeFrame).toContain("> 2 | select 'x {{ ds }}';");
  });

  test("a file that exports no pipeline is a warning", () => {
    expect(problemOf("nothing.ts")).toMatchObject({
      severity: "warning",
      message: "pipelines/nothing.ts exports no pipeline.",
    });
  });
});
