import { describe, expect, it } from "vitest";
import { type CommandResult, envelope, field, testProject } from "../cli-for-tests.ts";

const FLAKY = `
import { fixed, pipeline } from "batuta";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export default pipeline("flaky", { description: "Fails once.", owner: "data" }, ({ task }) => {
  const rows = task("extract", ({ log }) => {
    log.warn("few rows", { count: 2 });
    console.log("\\u001b[2J\\u001b[32mgreen\\u001b[0m");
    return [1, 2];
  });
  const sum = task("sum_up", { input: { rows }, retries: fixed({ limit: 1, delay: "0s", jitter: 0 }) }, ({ input, projectDir, attempt }) => {
    console.log("attempt " + attempt);
    if (!existsSync(join(projectDir, "seen"))) { writeFileSync(join(projectDir, "seen"), ""); throw new Error("once"); }
    return input.rows.length;
  });
  task("broken", { after: [sum], allowFailure: true }, () => { throw new TypeError("no such column"); });
});
`;

describe("the verbs that read", () => {
  it("tell about pipelines, runs, graphs, logs and reasons, to people and to programs", async () => {
    const project = testProject({ "pipelines/flaky.ts": FLAKY });
    const empty = await project.batuta("runs");
    expect(empty).toMatchObject({ code: 0, stdout: "" });
    expect((await project.batuta("logs", "latest")).stderr).toContain("There are no runs yet.");
    expect((await project.batuta("run", "flaky", "--quiet")).code).toBe(0);
    const id = String(field(envelope(await project.batuta("runs", "--json")), "data", 0, "id"));

    const list = await project.batuta("list");
    expect(list.stdout).toMatch(/^flaky +3 .*✔ success {2}pipelines\/flaky\.ts {2}Fails once\.$/m);
    expect((await project.batuta("runs", "flaky", "--state", "success,failed")).stdout).toContain(id.slice(0, 13));
    expect((await project.batuta("runs", "--state", "cancelled", "--json")).stdout).toContain('"data":[]');

    const show = await project.batuta("show", "fla");
    expect(show.stdout).toMatch(/^● sum_up +function +1: after 0ms$/m);
    expect((await project.batuta("show", "--run", "latest")).stdout).toMatch(/^✖ broken +failed +function +may fail$/m);
    expect(envelope(await project.batuta("show", "--json"))).toMatchObject({
      ok: true,
      data: { name: "flaky", tasks: [{ name: "extract" }, {}, {}] },
    });

    const logs = await project.batuta("logs", id);
    expect(logs.stdout).toMatch(/^extract#1 +│ WARN {2}few rows/m);
    expect(logs.stdout).toMatch(/^sum_up#1 +│ attempt 1\nsum_up#2 +│ attempt 2$/m);
    expect((await project.batuta("logs", "latest", "sum_up", "--attempt", "2")).stdout).toBe("attempt 2\n");
    expect((await project.batuta("logs", "flaky", "sum", "--tail", "1", "--timestamps")).stdout).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} #2 │ attempt 2\n$/,
    );
    expect(envelope(await project.batuta("logs", "latest", "sum_up", "--json"))).toMatchObject({
      ok: true,
      data: [
        { task: "sum_up", attempt: 1, tag: "out", text: "attempt 1", at: expect.stringMatching(/Z$/) },
        { attempt: 2 },
      ],
    });
    const unknown = await project.batuta("logs", "latest", "sum_up", "--attempt", "7");
    expect(unknown.stderr).toContain("Attempts: 1, 2.");
    expect(unknown.code).toBe(3);

    const why = await project.batuta("why", "latest");
    expect(why.stdout).toMatch(
      /✖ broken {2}failed: attempt 1 of 1 failed with error: no such column at pipelines\/flaky\.ts:\d+/,
    );
    expect((await project.batuta("why", "latest", "extract")).stdout).toContain("succeeded");
    expect(envelope(await project.batuta("why", "latest", "--json"))).toMatchObject({
      data: { tasks: [{ name: "broken", state: "failed", reasons: [{ code: "failed" }] }] },
    });
  });

  it("refuse what is wrong with its exit code and the remedy", async () => {
    const project = testProject({ "pipelines/flaky.ts": FLAKY });
    await project.batuta("run", "flaky", "--quiet", "--task", "extract");
    const cases = [
      [["logs", "nothing"], 3, 'There is no run "nothing"'],
      [["logs", "latset"], 3, "Give an id or its beginning"],
      [["why", "latest", "extrct"], 3, 'Did you mean "extract"?'],
      [["why", "latest", "x"], 3, "There are: extract, sum_up, broken."],
      [["logs", "latest", "--attempt", "1"], 2, "--attempt needs a task"],
      [["show"], 0, "flaky"],
      [["show", "nothing"], 3, "There are: flaky."],
      [["retry", "nothing"], 3, "batuta runs lists them"],
      [["cancel", "latest", "--timeout", "soon"], 2, '"30s"'],
    ] as const;
    for (const [args, code, said] of cases) {
      const result = await project.batuta(...args);
      expect(result.stdout + result.stderr, args.join(" ")).toContain(said);
      expect(result.code, args.join(" ")).toBe(code);
      expect(result.stderr).not.toMatch(/^ {4}at /m);
    }
  });

  it("give every line of a long log to a slow reader, and stop for one that goes away", async () => {
    const lines = 100_000;
    const talk = `import { pipeline } from "batuta";\nimport { shell } from "batuta/tasks";\nexport default pipeline("talk", ({ task }) => { task("talk", shell\`seq 1 ${lines}\`); });\n`;
    const project = testProject({ "pipelines/talk.ts": talk });
    expect((await project.batuta("run", "talk", "--quiet")).code).toBe(0);
    const batuta = `${process.execPath} node_modules/batuta/bin/batuta.js logs latest`;
    const piped = (script: string): Promise<CommandResult> =>
      project.startProgram(["/bin/sh", "-c", script], ".").ended;
    expect(await piped(`${batuta} --json | (sleep 1; wc -l)`)).toMatchObject({ stdout: `${lines}\n`, stderr: "" });
    expect(await piped(`${batuta} | head -n 2`)).toMatchObject({ stdout: "1\n2\n", stderr: "" });
    const lost = await piped(`${batuta} > /dev/full`);
    expect(lost.code).toBe(6);
    expect(lost.stderr).toBe("error: The output cannot be written: The disk is full.\n");
  });

  it("make a first project that runs, shows itself and passes its own test", async () => {
    const place = testProject();
    const made = await place.batuta("init", "first", "--json");
    expect(envelope(made)).toMatchObject({
      ok: true,
      data: { files: expect.arrayContaining(["pipelines/hello.ts", "pipelines/hello.test.ts"]) },
    });
    const inside = ["--project", `${place.dir}/first`];
    expect(await place.batuta("check", `${place.dir}/first`)).toMatchObject({ code: 0, stdout: "1 pipeline sound\n" });
    const run = await place.batuta("run", "hello", "--param", "currency=USD", ...inside);
    expect(run.stdout).toMatch(/^describe_machine +success/m);
    expect(run.code).toBe(0);
    expect((await place.batuta("logs", "latest", ...inside)).stdout).toContain("apples: 42.5 USD");
    const test = await place.startProgram([process.execPath, "--test"], "first").ended;
    expect(test.stdout).toContain("pass 2");
    expect(test.code).toBe(0);

    const again = await place.batuta("init", "first");
    expect(again).toMatchObject({ code: 5, stdout: "" });
    expect(again.stderr).toContain("nothing was written");
  });
});
