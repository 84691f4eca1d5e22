import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ARROWS } from "../.dependency-cruiser.ts";

// What the house looks like, where Biome, dependency-cruiser and knip cannot see it. Numbers only tighten.

const REPOSITORY = join(import.meta.dirname, "..");
const LINES_MAX = 400;
const ARCHITECTURE_LINES_MAX = 300;
const RUNTIME_DEPENDENCIES_MAX = 6;

// Written in pieces, so that a search of the repository for these words finds nothing.
const NOTES_TO_SELF = new RegExp(`\\b(${["TO-DO", "FIX-ME", "X-XX", "HA-CK"].join("|").replaceAll("-", "")})\\b`);
const DRAWERS = new RegExp(
  `(^|/)(${["util-s?", "help-ers?", "comm-on", "shar-ed", "mi-sc"].join("|").replaceAll("-", "")})(/|\\.|$)`,
);
const HOME_OF_ITS_AUTHOR = new RegExp(
  `(^|[^\\w./-])/(${["wo-rk/", "ro-ot/", "tmp/br-ief", "fa-rm/"].join("|").replaceAll("-", "")})`,
);

const files = listFiles();
const codeFiles = files.filter((file) => /\.(ts|js|sql|py)$/.test(file));

describe("the tidy house", () => {
  test("no source file is longer than 400 lines, SQL and Python included", () => {
    const long = codeFiles.filter((file) => lineCount(file) > LINES_MAX);
    expect(long).toEqual([]);
  });

  test("every folder of src is one of the ten rooms, and no file lies between them", () => {
    const rooms = readdirSync(join(REPOSITORY, "src")).filter((name) =>
      files.some((file) => file.startsWith(`src/${name}`)),
    );
    expect(rooms.filter((room) => !Object.hasOwn(ARROWS, room))).toEqual([]);
    expect(Object.keys(ARROWS)).toHaveLength(10);
  });

  test("no folder or file is a drawer for whatever has no name", () => {
    expect(files.filter((file) => DRAWERS.test(file))).toEqual([]);
  });

  test("nobody left a note to do something later", () => {
    expect(linesThatMatch(files, NOTES_TO_SELF)).toEqual([]);
  });

  test("nobody switches off the rules against types that lie", () => {
    const switchedOff = /biome-ignore.* lint\/\w+\/no(ExplicitAny|NonNullAssertion|FloatingPromises)|@ts-no[c]heck/;
    expect(linesThatMatch(codeFiles, switchedOff)).toEqual([]);
  });

  test("a compile error is expected in tests alone", () => {
    const outsideTests = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    expect(linesThatMatch(outsideTests, /@ts-expect-error/)).toEqual([]);
  });

  test("nothing names a path of the machine it was written on", () => {
    expect(linesThatMatch(files, HOME_OF_ITS_AUTHOR)).toEqual([]);
  });

  test("decisions are numbered from 0001 without a gap", () => {
    const numbers = files
      .filter((file) => file.startsWith("docs/decisions/"))
      .map((file) => basename(file).slice(0, 5));
    expect(numbers).toEqual(numbers.map((_, index) => `${String(index + 1).padStart(4, "0")}-`));
  });

  test("every command that README and CONTRIBUTING name is a script", () => {
    for (const document of ["README.md", "CONTRIBUTING.md"]) {
      const named = [...read(document).matchAll(/\b(?:npm run|node --run) ([\w:-]+)/g)].map(([, name]) => name ?? "");
      expect(named.filter((name) => !Object.hasOwn(manifest().scripts, name))).toEqual([]);
    }
    expect(read("README.md")).toContain("npm install && npm test");
  });

  test("the map fits on a few screens, and the change log has a place for the next change", () => {
    expect(lineCount("ARCHITECTURE.md")).toBeLessThanOrEqual(ARCHITECTURE_LINES_MAX);
    expect(read("CHANGELOG.md")).toContain("## [Unreleased]");
    expect(read("LICENSE")).toContain("Apache License");
  });

  test("dependencies are pinned, and few at run time", () => {
    const { dependencies, devDependencies } = manifest();
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(RUNTIME_DEPENDENCIES_MAX);
  });

  test("the lock file names no registry, and allowScripts speaks of every package with an install script", () => {
    const lock: Lock = JSON.parse(read("package-lock.json"));
    const installed = Object.entries(lock.packages).filter(([path]) => path !== "");
    const name = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const scripted = installed
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => name(path));

    expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    expect(scripted.filter((dependency) => !Object.hasOwn(manifest().allowScripts, dependency))).toEqual([]);
    expect(Object.keys(manifest().allowScripts).filter((dependency) => !scripted.includes(dependency))).toEqual([]);
  });

  test("what is started as a program may be executed", () => {
    for (const program of ["bin/batuta.js", ".ci/run"]) {
      expect(statSync(join(REPOSITORY, program)).mode & 0o111).toBe(0o111);
    }
  });
});

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly hasInstallScript?: boolean }>>;
}

function manifest(): Manifest {
  return JSON.parse(read("package.json"));
}

/** Every text file of the repository that git knows or would take, sorted. */
function listFiles(): readonly string[] {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const names = execFileSync("git", args, { cwd: REPOSITORY, encoding: "utf8" }).split("\0");
  const isFile = (name: string): boolean =>
    statSync(join(REPOSITORY, name), { throwIfNoEntry: false })?.isFile() === true;
  return names.filter((name) => isFile(name) && !read(name).includes("\0")).sort();
}

/** "file:line: text" of each line that matches. */
function linesThatMatch(candidates: readonly string[], pattern: RegExp): readonly string[] {
  return candidates
    .filter((file) => file !== "package-lock.json")
    .flatMap((file) =>
      read(file)
        .split("\n")
        .map((line, index) => ({ line, place: `${file}:${index + 1}` })),
    )
    .filter(({ line }) => pattern.test(line))
    .map(({ line, place }) => `${place}: ${line.trim()}`);
}

function lineCount(file: string): number {
  return read(file).trimEnd().split("\n").length;
}

function read(file: string): string {
  return readFileSync(join(REPOSITORY, file), "utf8");
}
