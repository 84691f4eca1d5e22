import { describe, expect, it } from "vitest";
import { envelope, field, testProject, until } from "../cli-for-tests.ts";

/** Fails on the 3rd while there is no file `mended`. */
const SALES = `
import { cron, pipeline } from "batuta";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export default pipeline("sales", {
  schedule: cron("0 6 * * *", { timezone: "Europe/Zurich" }),
  params: z.object({ region: z.string().default("eu") }),
}, ({ task }) => {
  task("load", ({ ds, params, projectDir }) => {
    if (ds.endsWith("-03") && !existsSync(join(projectDir, "mended"))) throw new Error("no such day");
    return params.region + ds;
  });
});
`;

const PLAIN = `
import { pipeline } from "batuta";

export default pipeline("plain", ({ task }) => {
  task("load", { dependsOnPast: true }, ({ ds }) => ds);
});
`;

/** Says that it has begun, and waits for the file `go`. */
const SLOW = `
import { pipeline } from "batuta";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export default pipeline("slow", ({ task }) => {
  task("load", async ({ projectDir }) => {
    writeFileSync(join(projectDir, "begun"), "");
    while (!existsSync(join(projectDir, "go"))) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
`;

const RANGE = ["--from", "2024-01-01", "--to", "2024-01-05"];

describe("batuta backfill", () => {
  it("BF-1: a dry run says what would run and why the rest would not, and does nothing", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    await project.batuta("run", "sales", "--date", "2024-01-02");
    const dry = await project.batuta("backfill", "sales", ...RANGE, "--dry-run");
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      /^Would run 4 of 5 intervals of sales, schedule main, oldest first:\n {2}2024-01-01 {2}/,
    );
    expect(dry.stdout).toContain("Left as they are: 1 succeeded already.\n  2024-01-02  2024-01-02T05:00Z/");
    const json = envelope(await project.batuta("backfill", "sales", ...RANGE, "--dry-run", "--newest-first", "--json"));
    expect(json).toMatchObject({ data: { dryRun: true, intervals: 5, runs: 4, skipped: { succeeded: 1 } } });
    expect(field(json, "data", "first", 0, "ds")).toBe("2024-01-05");
    const early = await project.batuta("backfill", "sales", "--from", "2024-01-01", "--to", "2999-01-01", "--dry-run");
    expect(early.stderr).toContain("or later is left out: it has not ended yet.");
    expect(field(envelope(await project.batuta("backfills", "--json")), "data")).toEqual([]);
  });

  it("works it off, says what failed and how to run that again, from where it failed", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const failed = await project.batuta("backfill", "sales", ...RANGE, "--param", "region=us", "--json");
    expect(failed.code).toBe(1);
    expect(envelope(failed)).toMatchObject({
      ok: false,
      error: { code: "run_failed", message: "1 run of backfill 1 failed." },
      data: { id: 1, state: "done", intervals: 5, done: 5, runs: { success: 4, failed: 1 } },
    });
    const shown = await project.batuta("backfill", "show", "1");
    expect(shown.stdout).toMatch(/Failed:\n {2}2024-01-03 {2}failed {2}run [0-9a-f-]{36}/);
    expect((await project.batuta("backfills")).stdout).toMatch(/ 1 {2}sales .* done +5\/5 +1 /);
    project.write("mended", "");
    const mended = await project.batuta("backfill", "retry", "1", "--json");
    expect(mended.code).toBe(0);
    expect(envelope(mended)).toMatchObject({ data: { state: "done", runs: { success: 5, failed: 0 } } });
    const runs = envelope(await project.batuta("runs", "sales", "--json"));
    expect(field(runs, "data", "length")).toBe(5);
    expect(field(runs, "data", 0)).toMatchObject({ trigger: "backfill", params: { region: "us" } });
  });

  it("BF-4, BF-5: a pipeline without a schedule needs --every; dependsOnPast goes oldest first all the same", async () => {
    const project = testProject({ "pipelines/plain.ts": PLAIN });
    const bare = await project.batuta("backfill", "plain", ...RANGE);
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain("hint: Say how long an interval is: --every 1d, --every 1h.");
    const done = await project.batuta("backfill", "plain", ...RANGE, "--every", "1d", "--newest-first", "--json");
    expect(done.code).toBe(0);
    expect(envelope(done)).toMatchObject({ data: { order: "oldest_first", runs: { success: 5 } } });
    expect(String(field(envelope(done), "warnings", 0))).toContain("oldest first all the same");
  });

  it.each([
    [["sales", "--from", "2024-01-01"], 2, "--to is missing"],
    [["sales", "--from", "2024-02-30", "--to", "2024-03-01"], 2, '"2024-02-30" is no day or time of the calendar'],
    [["sales", "--from", "yesterday", "--to", "2024-03-01"], 2, "neither a date nor a moment"],
    [["sales", "--from", "2024-03-01", "--to", "2024-02-01"], 2, "--from 2024-02-01 --to 2024-03-01."],
    [["sales", "--from", "2024-03-01", "--to", "2024-02-29"], 2, "--from 2024-03-01 is after --to 2024-02-29"],
    [["sales", "--from", "2999-01-01", "--to", "2999-02-01"], 2, "No complete interval"],
    [["sales", ...RANGE, "--reprocess", "misssing"], 2, 'Did you mean "missing"?'],
    [["sales", ...RANGE, "--max-active", "0"], 2, "--max-active 0 is not a whole number"],
    [["sales", ...RANGE, "--schedule", "hourly"], 3, 'no schedule "hourly"'],
    [["sales", ...RANGE, "--every", "1d"], 2, "Leave --every out"],
    [
      ["sales", "--from", "1900-01-01", "--to", "2024-01-01", "--max-intervals", "1000"],
      2,
      "raise the limit with --max-intervals",
    ],
    [["pause", "7"], 3, "There is no backfill 7"],
    [["stop", "7"], 2, "nothing to do with a backfill"],
    [["retry"], 2, "batuta backfill retry needs the number of a backfill"],
    [["show", "sales"], 2, '"sales" is not the number of a backfill'],
  ] as const)("refuses %j", async (args, code, text) => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const refused = await project.batuta("backfill", ...args);
    expect(refused.code).toBe(code);
    expect(refused.stderr).toContain(text);
  });

  it("BF-5: Ctrl-C pauses it when what runs has ended, and the same command goes on with it", async () => {
    const project = testProject({ "pipelines/slow.ts": SLOW });
    const args = ["backfill", "slow", ...RANGE, "--every", "1d", "--max-active", "2"];
    const first = project.start(args);
    await first.says("Backfill 1 of slow");
    await until(() => project.has("begun"));
    first.child.kill("SIGINT");
    await first.says("Pausing the backfill");
    project.write("go", "");
    const paused = await first.ended;
    expect(paused.code).toBe(130);
    expect(paused.stderr).toContain("batuta backfill resume 1");
    expect(field(envelope(await project.batuta("backfill", "show", "1", "--json")), "data", "state")).toBe("paused");
    const again = await project.batuta(...args, "--json");
    expect(again.code).toBe(0);
    expect(envelope(again)).toMatchObject({ data: { id: 1, state: "done", runs: { success: 5 } } });
  });

  it("BF-6: one that has failed says how its failed runs get the pipeline as it is now", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    const day = ["--from", "2024-01-03", "--to", "2024-01-03"];
    const failed = await project.batuta("backfill", "sales", ...day);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain("Backfill 1 of sales: 1 interval.");
    expect(failed.stderr).toMatch(/After a change of the pipeline, first: {2}\S*.*batuta backfill follow 1/);
  });

  it("BF-5: a backfill that nobody works on any more is cancelled by the command itself, with the runs it has left", async () => {
    const project = testProject({ "pipelines/slow.ts": SLOW });
    const killed = project.start(["backfill", "slow", ...RANGE, "--every", "1d", "--max-active", "2"]);
    await until(() => project.has("begun"));
    killed.child.kill("SIGKILL");
    await killed.ended;
    const cancelled = await project.batuta("backfill", "cancel", "1", "--json");
    expect(cancelled.code).toBe(0);
    expect(envelope(cancelled)).toMatchObject({ data: { state: "cancelled", runs: { running: 0, cancelled: 2 } } });
  });

  it("BF-5: a backfill that is cancelled by hand ends the command that works on it", async () => {
    const project = testProject({ "pipelines/slow.ts": SLOW });
    const working = project.start(["backfill", "slow", ...RANGE, "--every", "1d"]);
    await working.says("Backfill 1 of slow");
    expect((await project.batuta("backfill", "cancel", "1")).code).toBe(0);
    const ended = await working.ended;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("Backfill 1 was cancelled.");
    expect((await project.batuta("backfill", "resume", "1")).code).toBe(5);
  });
});
