import { describe, expect, it } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

/** Fails while there is no file `mended`; says what it was given. */
const SALES = `
import { cron, fatal, pipeline } from "batuta";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export default pipeline("sales", {
  schedule: cron("0 6 * * *"),
  params: z.object({ region: z.enum(["eu", "us"]).default("eu"), limit: z.number().int().max(100).optional(), days: z.array(z.string()).default([]) }),
}, ({ task }) => {
  const rows = task("extract", ({ params, ds, log }) => {
    log.info("extracting " + ds);
    console.log("plain " + JSON.stringify(params));
    return { region: params.region, count: 3 };
  });
  const checked = task("check", { input: { rows } }, ({ input, projectDir }) => {
    console.log("first line");
    console.error("last words");
    if (!existsSync(join(projectDir, "mended"))) fatal("the " + input.rows.region + " bank is closed");
    return input.rows.count;
  });
  task("publish", { input: { checked } }, ({ input }) => input.checked * 2);
});
`;

const STACK = /^ {4}at /m;

const BROKEN = `import { pipeline } from "batuta";\n\nexport default pipeline("broken", ({ task }) => {\n  const = 1;\n});\n`;

describe("batuta run", () => {
  it("shows each change on stderr, a table on stdout, and repeats the failure with its log and the command that mends it", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const failed = await project.batuta("run", "sales", "--date", "2026-01-02", "--param", "region=us");
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(/^sales {2}2026-01-02 {2}✖ failed in .*run [0-9a-f-]{36}\n\nTASK/);
    expect(failed.stdout).toMatch(/^extract +success +1 /m);
    expect(failed.stdout).toMatch(/^check +failed +1 .* fatal$/m);
    expect(failed.stdout).toMatch(/^publish +upstream failed/m);
    expect(failed.stderr).toMatch(/● extract running\n.*✔ extract success in/);
    expect(failed.stderr).toMatch(
      /✖ check failed \(fatal\)\n {2}\w+: the us bank is closed\n {2}at pipelines\/sales.ts:19/,
    );
    expect(failed.stderr).toMatch(/the end of its log:\n {2}│ first line\n {2}│ last words\n/);
    const retry = /batuta (retry [0-9a-f-]+ --from-failure)$/m.exec(failed.stderr)?.[1]?.split(" ") ?? [];

    const again = await project.batuta(...retry);
    expect(again.code).toBe(1);
    project.write("mended", "");
    const mended = await project.batuta(...retry, "--json");
    expect(mended.code).toBe(0);
    expect(envelope(mended)).toMatchObject({
      ok: true,
      data: {
        state: "success",
        ds: "2026-01-02",
        params: { region: "us", days: [] },
        tasks: [{ name: "extract", attempts: 1 }, { name: "check" }, { name: "publish" }],
      },
    });
    expect(field(envelope(await project.batuta("runs", "--json")), "data", "length")).toBe(1);

    const nothingLeft = await project.batuta(...retry);
    expect(nothingLeft).toMatchObject({ code: 5, stdout: "" });
  });

  it("gives the whole story as one envelope under --json, also of a failure", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const result = await project.batuta("run", "sales", "--json", "--quiet", "--param", "days=a", "--param", "days=b");
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 1, stderr: "" });
    expect(envelope(result)).toMatchObject({
      ok: false,
      error: { code: "run_failed", hint: expect.stringContaining("--from-failure") },
      data: {
        state: "failed",
        params: { region: "eu", days: ["a", "b"] },
        tasks: [
          { name: "extract", state: "success", cpuMs: expect.any(Number), peakMemoryBytes: expect.any(Number) },
          {
            name: "check",
            state: "failed",
            failure: {
              reason: "fatal",
              message: "the eu bank is closed",
              location: { file: "pipelines/sales.ts", line: 19 },
            },
          },
          { name: "publish", state: "upstream_failed" },
        ],
      },
      warnings: [],
    });
  });

  it("runs one task alone on the outputs of the newest run of the same interval, else of the newest", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const nothing = await project.batuta("run", "sales", "--task", "check");
    expect(nothing.code).toBe(3);
    expect(nothing.stderr).toContain("No earlier run has the inputs of check: extract.");
    await project.batuta("run", "sales", "--date", "2026-01-02", "--param", "region=us");
    await project.batuta("run", "sales", "--date", "2026-01-03");
    const sameInterval = await project.batuta("run", "sales", "--task", "che", "--date", "2026-01-02", "--json");
    expect(envelope(sameInterval)).toMatchObject({
      data: { tasks: [{ name: "check", failure: { message: "the us bank is closed" } }] },
    });
    const newest = await project.batuta("run", "sales", "--task", "check", "--date", "2026-01-04", "--json");
    expect(envelope(newest)).toMatchObject({ data: { tasks: [{ failure: { message: "the eu bank is closed" } }] } });
  });

  it("says with --dry-run which run would begin, and creates none", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const args = ["run", "sales", "--date", "2026-01-02", "--param", "region=us", "--dry-run"];
    const { code, stdout } = await project.batuta(...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^A new run of sales for 2026-01-02 would begin\.\n {2}interval +2026-01-02T06:00Z\/2026-01-03T06:00Z/,
    );
    expect(stdout).toMatch(/^extract +queued.*\ncheck +scheduled +extract.*\npublish +scheduled +check/m);
    const { newRun } = field(envelope(await project.batuta(...args, "--json")), "data") as { readonly newRun: object };
    expect(newRun).toMatchObject({
      ...{ pipeline: "sales", ds: "2026-01-02", schedule: "main", params: { region: "us", days: [] } },
      tasks: [
        { name: "extract", state: "queued", after: [] },
        { name: "check", state: "scheduled", after: ["extract"] },
        { name: "publish", state: "scheduled", after: ["check"] },
      ],
    });
    expect(newRun).not.toHaveProperty("id");
    expect(field(envelope(await project.batuta("runs", "--json")), "data")).toEqual([]);
  });

  it("refuses what is wrong with its exit code and the remedy, and creates no run", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES, "README.md": "" });
    const cases = [
      [["run", "slaes"], 3, 'Did you mean "sales"?'],
      [["run", "sales", "--param", "regoin=eu"], 2, 'Did you mean "region"?'],
      [["run", "sales", "--param", "region=mars"], 2, "region"],
      [["run", "sales", "--param", "limit=many"], 2, "limit"],
      [["run", "sales", "--params", "{"], 2, "not valid JSON"],
      [["run", "sales", "--params", "@nothing.json"], 3, "There is no file"],
      [["run", "sales", "--date", "2026-02-30"], 2, "2026-02-30"],
      [["run", "sales", "--date", "yesterday"], 2, "yesterday"],
      [["run", "sales", "--interval", "yesterday"], 2, "is not an interval"],
      [["run", "sales", "--interval", "2026-01-02", "--date", "2026-01-02"], 2, "Both --date and --interval"],
      [["run", "sales", "--schedule", "hourly"], 3, 'There is no schedule "hourly"'],
      [["run", "sales", "--task", "chekc"], 3, 'There is no task "chekc"'],
      [["run", "sales", "--slots", "0"], 2, "--slots 0"],
      [["run", "README.md"], 2, "no pipeline file"],
    ] as const;
    for (const [args, code, said] of cases) {
      const result = await project.batuta(...args);
      expect(result.stderr, args.join(" ")).toContain(said);
      expect(result, args.join(" ")).toMatchObject({ code, stdout: "" });
      expect(result.stderr).not.toMatch(STACK);
    }
    expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({ data: [] });
  });

  it("lets a broken file be a warning to the others, and the whole story to who asks for it", async () => {
    const hello =
      'import { pipeline } from "batuta";\nexport default pipeline("hello", ({ task }) => { task("greet", () => "hi"); });\n';
    const project = testProject({ "pipelines/broken.ts": BROKEN, "pipelines/hello.ts": hello });
    const other = await project.batuta("run", "hello", "--json");
    expect(envelope(other)).toMatchObject({ ok: true, warnings: [expect.stringContaining("pipelines/broken.ts:4")] });
    const itself = await project.batuta("run", "broken");
    expect(itself).toMatchObject({ code: 2, stdout: "" });
    expect(itself.stderr).toContain("> 4 |   const = 1;");
    const asFile = await project.batuta("run", "pipelines/broken.ts");
    expect(asFile.stderr).toContain("pipelines/broken.ts:4");
    expect((await project.batuta("run", "pipelines/hello.ts")).code).toBe(0);
    const check = await project.batuta("check", "--json");
    expect(check.code).toBe(2);
    expect(envelope(check)).toMatchObject({
      ok: false,
      data: {
        pipelines: [{ name: "hello" }],
        problems: [{ severity: "error", file: "pipelines/broken.ts", codeFrame: expect.any(String) }],
      },
    });
    expect((await project.batuta("check", "pipelines/hello.ts")).code).toBe(0);
  });

  it("runs a single file that belongs to no project", async () => {
    const project = testProject({
      "report.ts":
        'import { pipeline } from "batuta";\nexport default pipeline("report", ({ task }) => { task("write", () => 1); });\n',
    });
    expect(envelope(await project.batuta("run", "report.ts", "--json"))).toMatchObject({
      ok: true,
      data: { pipeline: "report", state: "success" },
    });
  });
});
