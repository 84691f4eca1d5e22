import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { localFiles } from "../../ports/files.ts";
import { type CompiledProject, compileProject } from "./compile-project.ts";
import { importDefinition } from "./definitions.ts";
import { findProject } from "./find-project.ts";
import { graphHash, relativeSpec } from "./graph-hash.ts";
import { type ProjectForTests, pipelineFile, projectForTests } from "./project-for-tests.ts";

let project: ProjectForTests;

beforeEach(() => {
  project = projectForTests();
  return () => project.remove();
});

function names({ manifest }: CompiledProject): readonly string[] {
  return manifest.pipelines.map(({ name }) => name);
}

test("pipelines of all files come together, sorted by name, with places relative to the project", async () => {
  project.write({
    "lib/rate.ts": "export const RATE = 2;",
    "pipelines/b.ts": pipelineFile("beta"),
    "pipelines/finance/a.mts": `import { RATE } from "../../lib/rate.ts";\n${pipelineFile("finance/alpha", 'task("rate", () => RATE);')}`,
    "pipelines/plain.js": pipelineFile("gamma"),
    "pipelines/b.test.ts": "throw new Error('a test is no pipeline')",
    "pipelines/notes.md": "# no code",
  });
  const compiled = await project.compile();
  expect(compiled.problems).toEqual([]);
  expect(names(compiled)).toEqual(["beta", "finance/alpha", "gamma"]);
  expect(compiled.manifest.pipelines[1]).toMatchObject({
    location: { file: "pipelines/finance/a.mts", line: 3 },
    tasks: [{ name: "rate", location: { file: "pipelines/finance/a.mts", line: 4, column: 3 } }],
    graphHash: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test("the version's folder holds the sources, from which the same graph is built again", async () => {
  project.write({
    "pipelines/a.ts": pipelineFile("a", 'task("x", { retries: 2 }, () => 7);'),
    "package.json": '{"type":"module"}',
  });
  const { dir, manifest } = await project.compile();
  project.write({ "pipelines/a.ts": "broken = = later" });
  const definition = await importDefinition(dir, "pipelines/a.ts", "a");
  expect(graphHash(relativeSpec(definition.spec, dir))).toBe(manifest.pipelines[0]?.graphHash);
  expect(definition.functions.has("x")).toBe(true);
  await expect(importDefinition(dir, "pipelines/a.ts", "b")).rejects.toThrow(
    'pipelines/a.ts does not export pipeline "b"',
  );
});

test("equal content gives the equal hash in another folder and at another time; other content another", async () => {
  const other = projectForTests();
  const files = { "pipelines/a.ts": pipelineFile("a"), "sql/load.sql": "select 1", "lib/x.ts": "export {}" };
  project.write(files);
  other.write(Object.fromEntries(Object.entries(files).reverse()));
  const first = await project.compile();
  expect((await other.compile()).hash).toBe(first.hash);
  other.write({ "sql/load.sql": "select 2" });
  expect((await other.compile()).hash).not.toBe(first.hash);
  other.remove();
});

test("the graph's hash knows nothing of where things stand in the file", async () => {
  project.write({ "pipelines/a.ts": pipelineFile("a") });
  const first = await project.compile();
  project.write({ "pipelines/a.ts": `// a comment\n\n${pipelineFile("a")}` });
  const moved = await project.compile();
  expect(moved.hash).not.toBe(first.hash);
  expect(moved.manifest.pipelines[0]?.graphHash).toBe(first.manifest.pipelines[0]?.graphHash);
  project.write({ "pipelines/a.ts": pipelineFile("a", 'task("only", { retries: 1 }, () => 1);') });
  expect((await project.compile()).manifest.pipelines[0]?.graphHash).not.toBe(first.manifest.pipelines[0]?.graphHash);
});

test("an unchanged project is not loaded again", async () => {
  project.write({ "pipelines/a.ts": pipelineFile("a") });
  const first = await project.compile();
  // Without time for a single file, a loader could only fail.
  const again = await project.compile({ limits: { fileMs: 0 } });
  expect(again).toEqual(first);
});

test("BATUTA_LOAD_TIMEOUT says how long one file may load", async () => {
  project.write({ "pipelines/a.ts": "await new Promise(() => {});" });
  vi.stubEnv("BATUTA_LOAD_TIMEOUT", "1500ms");
  const { problems } = await project.compile();
  vi.unstubAllEnvs();
  expect(problems).toMatchObject([
    { code: "load_timeout", message: "pipelines/a.ts does not finish loading within 1.5 s." },
  ]);
});

test("a project with something wrong is loaded again: the cause may lie outside its sources", async () => {
  project.write({
    "pipelines/a.ts": `import "late-package";\n${pipelineFile("a")}`,
    "pipelines/b.ts": pipelineFile("b"),
  });
  const broken = await project.compile();
  expect(broken.problems).toMatchObject([{ code: "load_failed", message: 'Cannot find package "late-package".' }]);
  expect(names(broken)).toEqual(["b"]);
  project.write({
    "node_modules/late-package/package.json": '{"name":"late-package","main":"index.js"}',
    "node_modules/late-package/index.js": "",
  });
  const mended = await project.compile();
  expect(mended.hash).toBe(broken.hash);
  expect(names(mended)).toEqual(["a", "b"]);
});

test("data, hidden files, installed packages and what is excluded are no sources", async () => {
  project.write({
    "pipelines/a.ts": pipelineFile("a"),
    "data/big.parquet": "x",
    "data/large.csv": "x".repeat(1024 * 1024 + 1),
    "data/small.csv": "x",
    ".env": "SECRET=1",
    ".hidden/x.ts": "export {}",
    "dist/x.js": "x",
    "old/x.ts": "throw 1",
    "uv.lock": "x",
    "batuta.json": '{ "exclude": ["old"] }',
  });
  const { dir } = await project.compile();
  const kept = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) => /\.[\w-]+$/.test(path));
  expect(kept.sort()).toEqual([
    ".batuta-manifest.json",
    ".batuta-version",
    "batuta.json",
    "data/small.csv",
    "pipelines/a.ts",
    "uv.lock",
  ]);
});

test("symbolic links are followed within the project alone", async () => {
  const outside = projectForTests({ "x.ts": "export const x = 1;" });
  project.write({ "pipelines/a.ts": pipelineFile("a"), "lib/x.ts": "export {}" });
  symlinkSync(join(project.dir, "lib", "x.ts"), join(project.dir, "lib", "alias.ts"));
  symlinkSync(join(outside.dir, "x.ts"), join(project.dir, "lib", "outside.ts"));
  symlinkSync(project.dir, join(project.dir, "lib", "circle"));
  const { dir, problems } = await project.compile();
  expect(readdirSync(join(dir, "lib")).sort()).toEqual(["alias.ts", "x.ts"]);
  expect(problems.map(({ severity, message }) => [severity, message])).toEqual([
    ["warning", "The symbolic link lib/circle leads to a folder and is not kept with the version."],
    ["warning", "The symbolic link lib/outside.ts leads out of the project and is not kept with the version."],
  ]);
  outside.remove();
});

test("a pipeline that two files export is one, and belongs to the file that defines it", async () => {
  project.write({
    "pipelines/a-index.ts": 'export { default as report } from "./report.ts";',
    "pipelines/report.ts": pipelineFile("report"),
    "lib/make.ts":
      'import { pipeline } from "batuta";\nexport const make = (name: string) => pipeline(name, ({ task }) => void task("x", () => 1));',
    "pipelines/made.ts":
      'import { make } from "../lib/make.ts";\nexport default ["eu", "us"].map((region) => make("sales_" + region));',
  });
  const compiled = await project.compile();
  expect(compiled.problems).toEqual([]);
  expect(compiled.manifest.pipelines.map(({ name, location }) => [name, location.file])).toEqual([
    ["report", "pipelines/report.ts"],
    ["sales_eu", "pipelines/made.ts"],
    ["sales_us", "pipelines/made.ts"],
  ]);
});

test("of two pipelines with one name neither is loaded, and both places are named", async () => {
  project.write({
    "pipelines/a.ts": pipelineFile("same"),
    "pipelines/b.ts": pipelineFile("same"),
    "pipelines/c.ts": pipelineFile("c"),
  });
  const compiled = await project.compile();
  expect(names(compiled)).toEqual(["c"]);
  expect(compiled.problems).toMatchObject([
    { file: "pipelines/a.ts", message: expect.stringContaining("pipelines/a.ts:2, pipelines/b.ts:2") },
    { file: "pipelines/b.ts", codeFrame: expect.stringContaining('> 2 | export default pipeline("same"') },
  ]);
});

test("a single file is a project of its own folder, or the one around it, with that file alone", async () => {
  project.write({ "alone.ts": pipelineFile("alone"), "other.ts": pipelineFile("other") });
  const found = findProject(join(project.dir, "alone.ts"), localFiles);
  expect(found).toMatchObject({ dir: project.dir, onlyFile: "alone.ts" });
  expect(names(await compileProject(found, project.options))).toEqual(["alone"]);
  const next = findProject(join(project.dir, "other.ts"), localFiles);
  expect(names(await compileProject(next, project.options))).toEqual(["other"]);
  project.write({ "batuta.json": "{}", "pipelines/more.ts": pipelineFile("more") });
  const inside = findProject(join(project.dir, "pipelines", "more.ts"), localFiles);
  expect(inside).toMatchObject({ dir: project.dir, onlyFile: "pipelines/more.ts" });
  expect(names(await compileProject(inside, project.options))).toEqual(["more"]);
});
