import { existsSync, mkdirSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { type Files, localFiles } from "../../ports/files.ts";
import { type ProjectForTests, projectForTests } from "./project-for-tests.ts";
import { type CompiledVersion, VersionStore } from "./version-store.ts";

let project: ProjectForTests;
let stateDir: string;

beforeEach(() => {
  project = projectForTests();
  stateDir = join(project.dir, ".batuta");
  return () => project.remove();
});

const SOURCES = [{ path: "pipelines/a.ts", content: Buffer.from("export {}") }];
const COMPILED: CompiledVersion = { format: 1, builder: "b", manifest: { format: 1, pipelines: [] }, problems: [] };

function storeWith(changes: Partial<Files> = {}): VersionStore {
  return new VersionStore(stateDir, { ...localFiles, ...changes }, systemClock);
}

/** Files whose writing fails with this code of Node. */
function failing(code: string): Partial<Files> {
  return {
    writeAtomic: () => {
      throw Object.assign(new Error(code), { code });
    },
  };
}

test("a version is kept once, and what it compiled to beside it", () => {
  const store = storeWith();
  expect(store.compiled("h1")).toBeUndefined();
  store.keep("h1", SOURCES);
  store.saveCompiled("h1", COMPILED);
  store.keep("h1", [{ path: "pipelines/a.ts", content: Buffer.from("changed") }]);
  expect(localFiles.readText(join(store.dirOf("h1"), "pipelines/a.ts"))).toBe("export {}");
  expect(store.compiled("h1")).toEqual(COMPILED);
});

test("an interrupted write leaves no folder that looks complete", () => {
  expect(() => storeWith(failing("ENOSPC")).keep("h1", SOURCES)).toThrow(
    expect.objectContaining({ code: "disk_full" }),
  );
  expect(readdirSync(join(stateDir, "versions"))).toEqual([]);
  expect(() => storeWith(failing("EACCES")).keep("h1", SOURCES)).toThrow(
    expect.objectContaining({ code: "read_only" }),
  );
});

test("another process that has kept the same version meanwhile is no error", () => {
  const store = storeWith({
    rename: (from, to) => {
      storeWith().keep("h1", SOURCES);
      localFiles.rename(from, to);
    },
  });
  store.keep("h1", SOURCES);
  expect(readdirSync(join(stateDir, "versions"))).toEqual(["h1"]);
});

test("what killed processes have left is removed after an hour, and not sooner", () => {
  const folder = join(stateDir, "versions");
  mkdirSync(join(folder, ".old.1"), { recursive: true });
  mkdirSync(join(folder, ".young.2"));
  const longAgo = systemClock.wall() / 1_000 - 4_000;
  utimesSync(join(folder, ".old.1"), longAgo, longAgo);
  storeWith().keep("h1", SOURCES);
  expect(existsSync(join(folder, ".old.1"))).toBe(false);
  expect(existsSync(join(folder, ".young.2"))).toBe(true);
});

test("a manifest that is cut short or of another format is as if it were not there", () => {
  const store = storeWith();
  store.keep("h1", SOURCES);
  const path = join(store.dirOf("h1"), ".batuta-manifest.json");
  localFiles.writeAtomic(path, '{"format":1,"man');
  expect(store.compiled("h1")).toBeUndefined();
  localFiles.writeAtomic(path, '{"format":2}');
  expect(store.compiled("h1")).toBeUndefined();
});
