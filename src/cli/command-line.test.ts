import { describe, expect, it } from "vitest";
import { envelope, startProgram, testProject } from "./cli-for-tests.ts";
import { VERBS } from "./verb-table.ts";

const HELLO = {
  "pipelines/hello.ts":
    'import { pipeline } from "batuta";\nexport default pipeline("hello", ({ task }) => { task("greet", () => 1); });\n',
};

describe("the command line", () => {
  it("answers wrong usage with exit code 2 and what was probably meant", async () => {
    const project = testProject(HELLO);
    const cases = [
      [["runn"], "Unknown command 'runn'.", "Did you mean one of run, runs?"],
      [["run", "--jsn"], "Unknown option '--jsn'.", "Did you mean --json?"],
      [["runs", "--limt", "3"], "Unknown option '--limt'.", "Did you mean --limit?"],
      [["run"], "Missing required argument 'pipeline'.", "See batuta run --help."],
      [["list", "more"], "Too many arguments for 'list'.", "See batuta list --help."],
      [["--quiet"], "No verb is given.", "See batuta --help."],
      [["logs", "latest", "--tail"], "Option '--tail <lines>' argument missing.", "See batuta logs --help."],
      [["runs", "--limit", "0"], "--limit 0 is not a whole number from 1 to 10000.", "--limit 10"],
      [["runs", "--state", "faild"], '"faild" is not a state of a run.', 'Did you mean "failed"?'],
    ] as const;
    for (const [args, message, hint] of cases) {
      const { code, stdout, stderr } = await project.batuta(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(`error: ${message}`);
      expect(stderr).toContain(hint);
      expect(stderr).not.toMatch(/^ {4}at /m);
    }
  });

  it("gives usage errors as an envelope too", async () => {
    const result = await testProject(HELLO).batuta("runn", "--json");
    expect(envelope(result)).toEqual({
      ok: false,
      error: { code: "usage", message: "Unknown command 'runn'.", hint: expect.any(String) },
    });
    expect(result.stderr).toBe("");
    expect(result.code).toBe(2);
  });

  it("has help with examples for each verb, on stdout, with exit code 0", async () => {
    const project = testProject();
    const helps = await Promise.all(VERBS.map(({ name }) => project.batuta(name, "--help")));
    for (const [index, { code, stdout }] of helps.entries()) {
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("Examples:") });
      expect(stdout).toContain(`Usage: batuta ${VERBS[index]?.name}`);
    }
    expect((await project.batuta("help", "run")).stdout).toContain("Usage: batuta run");
    const main = await project.batuta();
    for (const { name } of VERBS) expect(main.stdout).toContain(`  ${name} `);
  });

  it("says that there is no project here, and what to do", async () => {
    const { code, stderr } = await testProject().batuta("list");
    expect(code).toBe(2);
    expect(stderr).toContain("batuta init");
  });

  it("finds the project from a folder within it, and from anywhere with --project", async () => {
    const project = testProject(HELLO);
    const outside = testProject();
    const fromOutside = outside.batuta("--project", project.dir, "list", "--json");
    const fromWithin = startProgram(
      [process.execPath, `${project.dir}/node_modules/batuta/bin/batuta.js`, "list", "--json"],
      `${project.dir}/pipelines`,
    ).ended;
    for (const result of [await fromOutside, await fromWithin]) {
      expect(envelope(result)).toMatchObject({
        ok: true,
        data: [{ name: "hello", file: "pipelines/hello.ts", tasks: 1 }],
        warnings: [],
      });
    }
  });

  it("colours neither a pipe nor anything under NO_COLOR, and both with FORCE_COLOR", async () => {
    const project = testProject(HELLO);
    const args = ["show", "hello"];
    const colour = "\u001b[";
    expect((await project.batuta(...args)).stdout).not.toContain(colour);
    expect((await project.start(args, { FORCE_COLOR: "1" }).ended).stdout).toContain(colour);
    expect((await project.start(args, { FORCE_COLOR: "1", NO_COLOR: "1" }).ended).stdout).not.toContain(colour);
    expect((await project.start([...args, "--no-color"], { FORCE_COLOR: "1" }).ended).stdout).not.toContain(colour);
  });

  it("does not mind a reader that goes away", async () => {
    const project = testProject(HELLO);
    const program = `${process.execPath} ${project.dir}/node_modules/batuta/bin/batuta.js`;
    const { code, stdout, stderr } = await startProgram(
      ["/bin/sh", "-c", `${program} run hello 2>&1 | true; ${program} runs | head -n 1`],
      project.dir,
    ).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("RUN");
    // The run itself has gone on to its end.
    expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({ data: [{ state: "success" }] });
  });
});
