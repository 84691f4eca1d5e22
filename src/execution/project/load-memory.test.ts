import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { localFiles } from "../../ports/files.ts";
import type { CompiledProject } from "./compile-project.ts";
import { LoadMemory } from "./load-memory.ts";
import { type ProjectForTests, pipelineFile, projectForTests } from "./project-for-tests.ts";

let project: ProjectForTests;
let memory: LoadMemory;

beforeEach(() => {
  project = projectForTests();
  memory = newMemory();
  return () => project.remove();
});

function newMemory(builder = "build"): LoadMemory {
  return new LoadMemory(join(project.dir, ".batuta", "loaded.json"), builder, localFiles);
}

/** A pipeline file that notes each time it is loaded. */
function noting(name: string, imports = ""): string {
  const note = `import { appendFileSync } from "node:fs";\nappendFileSync(${JSON.stringify(notes())}, "${name} ");\n`;
  return `${imports}\n${note}${pipelineFile(name)}`;
}

function notes(): string {
  return join(project.dir, "node_modules", "notes");
}

/** Compiles, and gives the files that were loaded for it. */
async function compile(): Promise<{ readonly loaded: string; readonly compiled: CompiledProject }> {
  rmSync(notes(), { force: true });
  const compiled = await project.compile({ memory });
  const loaded = existsSync(notes()) ? readFileSync(notes(), "utf8").trim() : "";
  return { loaded, compiled };
}

test("only the file that was written is loaded again, and the project is whole all the same", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b"), "pipelines/c.ts": noting("c") });
  expect((await compile()).loaded).toBe("a b c");
  project.write({ "pipelines/b.ts": noting("b", "// changed") });
  const { loaded, compiled } = await compile();
  expect(loaded).toBe("b");
  const whole = await project.compile();
  expect(compiled.hash).toBe(whole.hash);
  expect(compiled.manifest).toEqual(whole.manifest);
});

test("a module is loaded again with all the files that import it, however far away", async () => {
  project.write({
    "lib/far.ts": "export const far = 1;",
    "lib/near.ts": 'export { far } from "./far.ts";',
    "pipelines/a.ts": noting("a", 'import { far } from "../lib/near.ts"; export const used = far;'),
    "pipelines/b.ts": noting("b", 'import "../lib/near.ts";'),
    "pipelines/c.ts": noting("c"),
  });
  expect((await compile()).loaded).toBe("a b c");
  project.write({ "lib/far.ts": "export const far = 2;" });
  expect((await compile()).loaded).toBe("a b");
  project.write({ "pipelines/c.ts": noting("c", 'const { far } = await import("../lib/far.ts"); void far;') });
  expect((await compile()).loaded).toBe("c");
  project.write({ "lib/far.ts": "export const far = 3;" });
  expect((await compile()).loaded).toBe("a b c");
});

test("what any file may have read or listed makes all of them load again", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b"), "sql/load.sql": "select 1" });
  await compile();
  project.write({ "sql/load.sql": "select 2" });
  expect((await compile()).loaded).toBe("a b");
  project.write({ "lib/new.ts": "export {};" });
  expect((await compile()).loaded).toBe("a b");
});

test("files that come and go load nothing but themselves", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b") });
  await compile();
  project.write({ "pipelines/c.ts": noting("c") });
  expect((await compile()).loaded).toBe("c");
  rmSync(join(project.dir, "pipelines/b.ts"));
  const { loaded, compiled } = await compile();
  expect(loaded).toBe("");
  expect(compiled.manifest.pipelines.map(({ name }) => name)).toEqual(["a", "c"]);
});

test("what was broken is loaded again with every change", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": `${noting("b")}\nthrow new Error("no");` });
  await compile();
  project.write({ "pipelines/a.ts": noting("a", "//") });
  const { loaded, compiled } = await compile();
  expect(loaded).toBe("a b");
  expect(["a", "b"].map((name) => memory.exportsOf(`pipelines/${name}.ts`))).toEqual([new Set(["a"]), undefined]);
  expect(compiled.problems).toMatchObject([{ file: "pipelines/b.ts", message: expect.stringContaining("no") }]);
});

test("the next process begins with what this one knew, unless Batuta itself is another", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b") });
  await compile();
  memory = newMemory();
  project.write({ "pipelines/a.ts": noting("a", "//") });
  expect((await compile()).loaded).toBe("a");
  memory = newMemory("another build");
  project.write({ "pipelines/a.ts": noting("a", "// again") });
  expect((await compile()).loaded).toBe("a b");
  project.write({ ".batuta/loaded.json": "half of a fi" });
  memory = newMemory();
  expect((await compile()).loaded).toBe("a b");
});

test("a version shares the files that it has as the one before it", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b") });
  const { compiled: first } = await compile();
  project.write({ "pipelines/b.ts": noting("b", "//") });
  const { compiled: second } = await compile();
  const inode = ({ dir }: CompiledProject, path: string): number => statSync(join(dir, path)).ino;
  expect(inode(second, "pipelines/a.ts")).toBe(inode(first, "pipelines/a.ts"));
  expect(inode(second, "pipelines/b.ts")).not.toBe(inode(first, "pipelines/b.ts"));
});

test("links are no need: files are written where a disk has none, or the version before is gone", async () => {
  project.write({ "pipelines/a.ts": noting("a"), "pipelines/b.ts": noting("b") });
  const { compiled: first } = await compile();
  rmSync(first.dir, { recursive: true });
  project.write({ "pipelines/b.ts": noting("b", "//") });
  const { compiled } = await compile();
  expect(readFileSync(join(compiled.dir, "pipelines/a.ts"), "utf8")).toBe(noting("a"));
});
