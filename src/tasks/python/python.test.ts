import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandOf, runCommand } from "../command-for-tests.ts";
import { thrownBy } from "../context-for-tests.ts";
import { python } from "./python.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

// biome-ignore lint/suspicious/noConsole: a skip has to be heard.
if (!hasPython) console.warn("SKIPPED: python3 is not installed, so tests that run Python do not run.");

describe.skipIf(!hasPython)("with python3", () => {
  test("code is dedented, its braces are Python's, and interpolated values are literals", async () => {
    const evil = "\"); print('pwned') #\n{{ ds }}";
    const { stdout, stderr } = await runCommand(python`
      name = "x"
      for value in [${evil}, ${1.5}, ${true}, ${null}, ${Number.POSITIVE_INFINITY}]:
          print(f"{{{name}}} {value!r}")
    `);
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      `{x} ${JSON.stringify(evil).replaceAll('\\"', '"').replace(/^"|"$/g, "'").replaceAll("'pwned'", "\\'pwned\\'")}`,
      "{x} 1.5",
      "{x} True",
      "{x} None",
      "{x} inf",
      "",
    ]);
  });

  test("arguments may hold placeholders, and reach the program as they are", async () => {
    const kind = python("import sys; print(sys.argv[1:])", { args: ["--day", "{{ ds }}", "{{ params.x }}"] });
    const { stdout } = await runCommand(kind, { params: { x: "a b'c" } });
    expect(stdout).toBe("['--day', '2024-01-02', \"a b'c\"]\n");
  });

  test("a program of the project is the version's file, and imports its neighbours", async () => {
    const project = mkdtempSync(join(tmpdir(), "batuta-python-"));
    mkdirSync(join(project, "pipelines"));
    writeFileSync(join(project, "rates.py"), "RATE = 2");
    writeFileSync(join(project, "extract.py"), "import rates, sys\nprint(rates.RATE, sys.argv[1])");
    writeFileSync(
      join(project, "pipelines", "kinds.ts"),
      `import { python } from "${import.meta.dirname}/python.ts";
       export const extract = python.file("extract.py", { args: ["{{ ds }}"] });
       export const missing = () => python.file("extrct.py");`,
    );
    const { extract, missing } = await import(join(project, "pipelines", "kinds.ts"));
    expect(commandOf(extract)).toMatchObject({
      argv: ["python3", "-u", "extract.py", "{{ ds }}"],
      versionedFileArg: 2,
    });
    expect((await runCommand(extract, { cwd: project })).stdout).toBe("2 2024-01-02\n");
    expect((await thrownBy(missing)).hint).toBe('Did you mean "extract.py"?');
    rmSync(project, { recursive: true });
  });
});

test("options are checked", async () => {
  expect((await thrownBy(() => python("1", { arg: ["x"] } as never))).hint).toBe("Did you mean `args`?");
  expect((await thrownBy(() => python("1", { args: [1] } as never))).message).toMatch(/`args` of python/);
  expect(commandOf(python("1", { interpreter: ".venv/bin/python", env: { A: "{{ ds }}" } }))).toEqual({
    argv: [".venv/bin/python", "-u", "-c", "1"],
    env: { A: "{{ ds }}" },
    skipExitCode: 99,
  });
});
