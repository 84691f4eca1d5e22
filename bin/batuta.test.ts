import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

/** Makes this Node look like an old one to the script, and to it alone: what it starts is a fresh process. */
const LOOK_OLD = `--import=data:text/javascript,${encodeURIComponent(
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
)}`;

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe("bin/batuta.js", () => {
  test("answers --version without loading the command line", () => {
    const { project, run } = setup();
    rmSync(join(project, "dist"), { recursive: true });

    expect(run(["--version"])).toMatchObject({ stdout: "1.2.3\n", stderr: "", status: 0 });
    expect(run(["-V"], { nodeOptions: [LOOK_OLD] })).toMatchObject({ stdout: "1.2.3\n", status: 0 });
  });

  test("hands the arguments to main and ends with the exit code that main returns", () => {
    const { run } = setup();

    expect(run(["runs", "--json"])).toMatchObject({ stdout: '["runs","--json"]\n', stderr: "", status: 3 });
  });

  test("keeps its compile cache in the user's own folder, and works without one", () => {
    const { project, run } = setup();
    const readOnly = join(project, "read-only");
    mkdirSync(readOnly);
    chmodSync(readOnly, 0o500);
    writeFileSync(join(project, "a-file"), "");

    for (const cache of [readOnly, join(project, "a-file")]) {
      expect(run([], { env: { XDG_CACHE_HOME: cache } })).toMatchObject({ stderr: "", status: 3 });
    }
  });

  test("says what to install when Node is too old and the project brings none", () => {
    const { run } = setup();

    const { status, stdout, stderr } = run(["runs"], { nodeOptions: [LOOK_OLD] });

    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("needs Node 24 or newer; this is Node 20.1.0");
    expect(stderr).toContain("npm install --save-dev node@24");
  });

  test("starts again with the project's own Node when the one that runs is too old", () => {
    const { run, bringNode } = setup();
    bringNode("24.0.1");

    expect(run(["list"], { nodeOptions: [LOOK_OLD] })).toMatchObject({ stdout: '["list"]\n', stderr: "", status: 3 });
  });

  test("does not start again with a project's Node that is too old itself", () => {
    const { run, bringNode } = setup();
    bringNode("22.9.0");

    expect(run(["list"], { nodeOptions: [LOOK_OLD] })).toMatchObject({ stdout: "", status: 2 });
  });
});

interface RunOptions {
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A package with the real script and a main that prints its arguments and returns 3. */
function setup() {
  const project = mkdtempSync(join(tmpdir(), "batuta-bin-"));
  folders.push(project);
  cpSync(import.meta.dirname, join(project, "bin"), { recursive: true });
  write(join(project, "package.json"), JSON.stringify({ name: "batuta", version: "1.2.3", type: "module" }));
  write(
    join(project, "dist", "cli", "main.js"),
    "export async function main(argv) { console.log(JSON.stringify(argv)); return 3; }",
  );
  return {
    project,
    run: (argv: readonly string[], { nodeOptions = [], env = {} }: RunOptions = {}): SpawnSyncReturns<string> =>
      spawnSync(process.execPath, [...nodeOptions, join(project, "bin", "batuta.js"), ...argv], {
        cwd: project,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: project, ...env },
      }),
    bringNode: (version: string): void => {
      const folder = join(project, "node_modules", "node");
      write(join(folder, "package.json"), JSON.stringify({ name: "node", version }));
      mkdirSync(join(folder, "bin"));
      symlinkSync(process.execPath, join(folder, "bin", "node"));
    },
  };
}

function write(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}
