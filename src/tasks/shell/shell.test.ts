import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commandOf, runCommand } from "../command-for-tests.ts";
import { thrownBy } from "../context-for-tests.ts";
import { shell } from "./shell.ts";

const EVIL = "'; echo pwned; $(echo pwned) `echo pwned` \"\n* {{ ds }}";

test("placeholders and interpolated values stay one word each, whatever they hold", async () => {
  const kind = shell`printf '[%s]' {{ params.evil }} ${EVIL} "x{{ ds }}" {{ ds }}`;
  const { stdout, stderr } = await runCommand(kind, { params: { evil: EVIL } });
  expect(stderr).toBe("");
  expect(stdout).toBe(`[${EVIL}][${EVIL}][x2024-01-02][2024-01-02]`);
});

test("the first command that fails ends the task with its exit code", async () => {
  const { exitCode, stdout } = await runCommand(shell`
    echo before
    sh -c 'exit 7'
    echo after
  `);
  expect(exitCode).toBe(7);
  expect(stdout).toBe("before\n");
});

test("bash fails with the first command of a pipe that fails, sh does not", async () => {
  expect((await runCommand(shell({ interpreter: "bash" })`false | cat`)).exitCode).toBe(1);
  expect((await runCommand(shell`false | cat`)).exitCode).toBe(0);
});

test("braces that are no placeholders reach the program", async () => {
  const { stdout } = await runCommand(shell`echo '{{ '{{' }}.Name}}'`);
  expect(stdout).toBe("{{.Name}}\n");
});

test("env holds templates, and its names are checked", async () => {
  const kind = shell("echo $REGION-$DAY", { env: { REGION: "{{ params.region }}", DAY: "{{ ds }}" } });
  expect((await runCommand(kind, { params: { region: "eu $x" } })).stdout).toBe("eu $x-2024-01-02\n");
  expect((await thrownBy(() => shell("x", { env: { "A-B": "1" } }))).message).toMatch(/"A-B" in `env`/);
  expect((await thrownBy(() => shell("x", { env: { BATUTA_DS: "1" } }))).message).toMatch(/Batuta's own/);
  expect((await thrownBy(() => shell("x", { env: { A: 1 } as never }))).message).toMatch(
    /A in `env` of shell\(…\) is 1/,
  );
});

test("where a shell would not expand a variable, a placeholder is an error at the place of the call", async () => {
  const error = await thrownBy(() => shell`echo '{{ ds }}'`);
  expect(error).toMatchObject({
    code: "invalid_template",
    location: { file: expect.stringContaining("shell.test.ts") },
  });
  expect(error.hint).toMatch(/double quotes/);
});

test("options are checked, and the defaults are those of the manifest", async () => {
  expect(commandOf(shell("true", { cwd: "scripts", skipExitCode: 3 }))).toMatchObject({
    cwd: "scripts",
    skipExitCode: 3,
  });
  expect(commandOf(shell`true`)).toEqual({
    argv: ["/bin/sh", "-e", "-c", "true", "shell"],
    env: {},
    skipExitCode: 99,
  });
  expect((await thrownBy(() => shell("true", { shell: "zsh" } as never))).message).toMatch(/Unknown option `shell`/);
  expect((await thrownBy(() => shell("true", { interpreter: "zsh" } as never))).message).toMatch(
    /interpreter .* is zsh/,
  );
});

test("a text longer than the system takes as an argument is refused", async () => {
  const error = await thrownBy(() => shell(`echo ${"x".repeat(200_000)}`));
  expect(error.message).toMatch(/The shell text has 200005 bytes/);
});

test("a script without placeholders runs from the version's file, with arguments that may hold some", async () => {
  const project = mkdtempSync(join(tmpdir(), "batuta-shell-"));
  mkdirSync(join(project, "pipelines"));
  writeFileSync(join(project, "report.sh"), 'echo "$1 in $(basename "$0")"');
  writeFileSync(join(project, "dated.sh"), 'echo "{{ ds }} $1"');
  writeFileSync(
    join(project, "pipelines", "kinds.ts"),
    `import { shell } from "${import.meta.dirname}/shell.ts";
     export const plain = shell.file("report.sh", { args: ["{{ ds }}"] });
     export const dated = shell.file("dated.sh", { args: ["x"] });`,
  );
  const { plain, dated } = await import(join(project, "pipelines", "kinds.ts"));
  expect(commandOf(plain)).toMatchObject({ argv: ["/bin/sh", "-e", "report.sh", "{{ ds }}"], versionedFileArg: 2 });
  expect((await runCommand(plain, { cwd: project })).stdout).toBe("2024-01-02 in report.sh\n");
  expect(commandOf(dated)).not.toHaveProperty("versionedFileArg");
  expect((await runCommand(dated)).stdout).toBe("2024-01-02 x\n");
  rmSync(project, { recursive: true });
});
