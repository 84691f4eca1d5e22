import { describe, expect, it } from "vitest";
import { localProcessTable } from "../../ports/processes.ts";
import { envelope, field, type TestProject, testProject, until } from "../cli-for-tests.ts";
import { shortId } from "../run-reference.ts";

/** `load` fails until there is a file `mended`; `report` hangs on it. */
const SALES = `
import { pipeline } from "batuta";
import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";

export default pipeline("sales", ({ task }) => {
  const extract = task("extract", ({ projectDir }) => { appendFileSync(join(projectDir, "extract.txt"), "x"); return 1; });
  const load = task("load", { input: { extract } }, ({ projectDir }) => {
    console.log("looking for mended");
    if (!existsSync(join(projectDir, "mended"))) throw new Error("no such table");
    return 2;
  });
  task("report", { input: { load } }, ({ input }) => input.load ?? 0);
});
`;

/** `slow` does not listen, for a minute. */
const STUBBORN = `
import { pipeline } from "batuta";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export default pipeline("stubborn", ({ task }) => {
  const slow = task("slow", { grace: "60s" }, async ({ projectDir }) => {
    process.on("SIGTERM", () => {});
    appendFileSync(join(projectDir, "started.txt"), process.pid + "\\n");
    await setTimeout(60_000);
    return 1;
  });
  task("after", { input: { slow } }, () => "ran");
});
`;

describe("the verbs of operators", () => {
  it("clear, mark and retry runs, and say before what they would touch", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    expect((await project.batuta("run", "sales", "--quiet")).code).toBe(1);
    const id = String(field(envelope(await project.batuta("runs", "--json")), "data", 0, "id"));

    const dry = await project.batuta("clear", "latest", "load", "--downstream", "--dry-run");
    expect(dry.stdout).toMatch(/^2 task runs would be touched:$/m);
    expect(dry.stdout).toMatch(/ load +failed +\S+ queued$/m);
    expect(dry.stdout).toMatch(/ report +upstream failed +\S+ scheduled$/m);
    expect(await states(project)).toEqual(["success", "failed", "upstream_failed"]);

    const marked = envelope(await project.batuta("mark", "success", "sales", "load", "--json"));
    expect(marked).toMatchObject({
      ok: true,
      data: {
        dryRun: false,
        runs: [{ from: "failed", to: "running" }],
        taskRuns: [
          { task: "load", from: "failed", to: "success" },
          { task: "report", from: "upstream_failed", to: "queued" },
        ],
      },
    });
    const why = await project.batuta("why", "latest", "load");
    expect(why.stdout).toContain("was marked as success by cli:tester");
    const refused = await project.batuta("clear", "latest", "report");
    expect(refused).toMatchObject({ code: 5, stdout: "" });

    const resumed = await project.batuta("retry", "latest", "--resume", "--json");
    expect(envelope(resumed)).toMatchObject({ ok: true, data: { id, state: "success" } });
    expect(project.read("extract.txt")).toBe("x");
    expect((await project.batuta("retry", "latest", "--resume")).code).toBe(5);

    const failed = await project.batuta("mark", "failed", "latest");
    expect(failed.stdout).toMatch(/^Run \S+: success -> failed$/m);
    expect((await project.batuta("mark", "faild", "latest")).stderr).toContain('Did you mean "failed"?');
    expect((await project.batuta("clear", "latest", "lod")).code).toBe(3);
    const cleared = await project.batuta("clear", "latest", "extract");
    expect(cleared.stderr).toContain(`retry ${shortId(id)} --resume`);

    // What is to run again waits for its place, and says so.
    await project.batuta("mark", "failed", "latest");
    await project.batuta("pause", "sales");
    expect((await project.batuta("clear", "latest", "extract")).stdout).toMatch(/^Run \S+: failed -> queued$/m);
    expect((await project.batuta("why", "latest", "extract")).stdout).toContain(
      "its run waits for its place: its pipeline is paused since",
    );
  });

  it("work through dead letters", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    for (const _ of [1, 2, 3]) await project.batuta("run", "sales", "--quiet");
    const list = await project.batuta("dead-letters");
    expect(list.stdout).toMatch(/^ID +PIPELINE +TASK +RUN +OPENED +STATE +FAILURE$/m);
    expect(list.stdout).toMatch(/^ *3 +sales +load +\S+ +.* open +no such table$/m);
    const page = await project.batuta("dead-letters", "list", "--limit", "2", "--json");
    expect(field(envelope(page), "data", 1, "id")).toBe(2);
    expect(page.stderr).toContain("--before 2");

    const show = await project.batuta("dead-letters", "show", "3");
    expect(show.stdout).toContain("Dead letter 3: load of sales");
    expect(show.stdout).toMatch(/^ {2}1 .*failed in .*: no such table$/m);
    expect(show.stdout).toContain("looking for mended");

    expect((await project.batuta("dead-letters", "assign", "2", "3", "--to", "anna")).stdout).toContain(
      "2 dead letters were assigned.",
    );
    const mine = await project.batuta("dead-letters", "--assigned-to", "anna", "--json");
    expect(envelope(mine)).toMatchObject({ data: [{ id: 3, assignedTo: "anna" }, { id: 2 }] });

    expect((await project.batuta("dead-letters", "resolve", "1")).code).toBe(2);
    await project.batuta("dead-letters", "resolve", "1", "--note", "the source was empty");
    const again = await project.batuta("dead-letters", "replay", "1");
    expect(again).toMatchObject({ code: 5, stderr: expect.stringContaining("resolved by cli:tester") });
    expect((await project.batuta("dead-letters", "replay", "9")).code).toBe(3);

    project.write("mended", "");
    const dry = await project.batuta("dead-letters", "replay", "--all", "--pipeline", "sales", "--dry-run", "--json");
    expect(envelope(dry)).toMatchObject({ data: { dryRun: true, deadLetters: [3, 2] } });
    expect(field(envelope(dry), "data", "taskRuns")).toHaveLength(4);
    const replayed = await project.batuta("dead-letters", "replay", "3");
    expect(replayed.stdout).toContain("Dead letter 3 was replayed.");
    expect(envelope(await project.batuta("retry", "latest", "--resume", "--json"))).toMatchObject({ ok: true });
    expect(envelope(await project.batuta("dead-letters", "--all", "--json"))).toMatchObject({
      data: [
        { state: "replayed", closedBy: "cli:tester", assignedTo: "anna" },
        { state: "open" },
        { state: "resolved", note: "the source was empty" },
      ],
    });
  });

  it("kill at once what does not listen, in a run that another process executes", async () => {
    const project = testProject({ "pipelines/stubborn.ts": STUBBORN });
    const running = project.start(["run", "stubborn", "--quiet"]);
    await until(() => project.has("started.txt"));
    const dry = await project.batuta("kill", "stubborn", "slow", "--dry-run", "--json");
    expect(envelope(dry)).toMatchObject({ data: { taskRuns: [{ task: "slow", stop: "kill" }] } });
    const asked = await project.batuta("cancel", "stubborn", "--no-wait", "--json");
    expect(envelope(asked)).toMatchObject({ data: { state: "cancelling" } });
    const killed = await project.batuta("kill", "stubborn", "--json");
    expect(envelope(killed)).toMatchObject({ ok: true, data: { state: "cancelled" } });
    expect((await running.ended).code).toBe(1);
    expect(isAlive(Number(project.read("started.txt")))).toBe(false);
    expect((await project.batuta("kill", "stubborn")).code).toBe(5);
    expect((await project.batuta("why", "stubborn", "slow")).stdout).toContain("was cancelled by cli:tester");
  });

  it("end what is marked while another process executes it, and that run goes on", async () => {
    const project = testProject({ "pipelines/stubborn.ts": STUBBORN });
    const running = project.start(["run", "stubborn", "--quiet", "--json"]);
    await until(() => project.has("started.txt"));
    await project.batuta("mark", "success", "stubborn", "slow");
    const { code, stdout, stderr } = await running.ended;
    expect(envelope({ code, stdout, stderr, signal: null })).toMatchObject({ ok: true, data: { state: "success" } });
    expect(isAlive(Number(project.read("started.txt")))).toBe(false);
  });

  it("repeat a run with the pipeline as it is now", async () => {
    const project = testProject({ "pipelines/sales.ts": SALES });
    await project.batuta("run", "sales", "--quiet", "--date", "2026-01-02");
    project.write("pipelines/sales.ts", SALES.replace('throw new Error("no such table")', "return 3"));
    const dry = await project.batuta("retry", "latest", "--newest", "--dry-run");
    expect(dry.stdout).toContain("A new run of sales for 2026-01-02 would begin");
    const again = await project.batuta("retry", "latest", "--newest", "--json");
    expect(envelope(again)).toMatchObject({ ok: true, data: { state: "success", ds: "2026-01-02" } });
    expect(again.stderr).toContain("repeats run");
    expect(field(envelope(await project.batuta("runs", "--json")), "data")).toHaveLength(2);
    expect((await project.batuta("retry", "latest", "--newest", "--from-failure")).code).toBe(2);
  });
});

async function states(project: TestProject): Promise<readonly unknown[]> {
  const why = envelope(await project.batuta("show", "--run", "latest", "--json"));
  const tasks = field(why, "data", "tasks");
  return Array.isArray(tasks) ? tasks.map((task) => field(task, "state")) : [];
}

/** Zombies are not: where nobody reaps, what was killed stays in the table. */
function isAlive(pid: number): boolean {
  return localProcessTable.rows().some((row) => row.pid === pid);
}
