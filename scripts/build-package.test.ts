import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What a user gets from the registry: built, packed and unpacked into node_modules, where Node strips no types.

const REPOSITORY = join(import.meta.dirname, "..");
const BUILT = join(REPOSITORY, "dist-package");

let folder: string;
let project: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "batuta-package-"));
  project = join(folder, "first");
  run(process.execPath, [join(REPOSITORY, "scripts", "build-package.ts")], REPOSITORY);
  run("npm", ["pack", BUILT, "--pack-destination", folder, "--silent"], REPOSITORY);
  install(join(folder, "node_modules"));
  batuta(["init", "first"], folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the published package", () => {
  test("tells its version", () => {
    expect(batuta(["--version"], folder)).toBe(`${manifest(REPOSITORY).version}\n`);
  });

  test("runs the pipeline of a new project to its end", () => {
    const answer: { ok: boolean } = JSON.parse(batuta(["run", "hello", "--json"], project));
    expect(answer.ok).toBe(true);
  });

  test("lets the new project test its pipeline", () => {
    run(process.execPath, ["--test"], project);
  });

  test("brings types that a strict compiler accepts", () => {
    symlinkSync(join(REPOSITORY, "node_modules", "@types"), join(project, "node_modules", "@types"));
    run(
      process.execPath,
      [join(REPOSITORY, "node_modules", "typescript", "bin", "tsc"), "-p", ".", "--types", "node"],
      project,
    );
  });

  test("holds what runs and what explains it, and nothing else", () => {
    const { devDependencies, scripts, exports } = manifest(BUILT);
    const files = readdirSync(BUILT, { recursive: true, encoding: "utf8" });

    expect({ devDependencies, scripts }).toEqual({});
    expect(readdirSync(BUILT).sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "bin", "dist", "package.json"]);
    expect(files.filter((file) => /\.test\.|conformance|-for-tests|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const targets = Object.values(exports).flatMap((entry) =>
      typeof entry === "string" ? entry : Object.values(entry),
    );
    expect(targets.filter((target) => !existsSync(join(BUILT, target)))).toEqual([]);
  });
});

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: unknown;
  readonly scripts?: unknown;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

function manifest(packageFolder: string): Manifest {
  return JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
}

/** Unpacks the archive as npm would, with the dependencies that the repository already has. */
function install(modules: string): void {
  mkdirSync(join(modules, "batuta"), { recursive: true });
  const archive = readdirSync(folder).find((file) => file.endsWith(".tgz")) ?? "none";
  run("tar", ["-xzf", join(folder, archive), "--strip-components=1", "-C", join(modules, "batuta")], folder);
  for (const dependency of Object.keys(manifest(BUILT).dependencies)) {
    symlinkSync(join(REPOSITORY, "node_modules", dependency), join(modules, dependency));
  }
}

function batuta(args: readonly string[], cwd: string): string {
  return run(process.execPath, [join(folder, "node_modules", "batuta", "bin", "batuta.js"), ...args], cwd);
}

/** stdout of a program that must succeed. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: "utf8", env: environment() });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

/** Without what npm and vitest tell their children: a user's shell has none of it. */
function environment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|BATUTA_|TEST$)/.test(name));
  return Object.fromEntries(inherited);
}
