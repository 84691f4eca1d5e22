import { describe, expect, it } from "vitest";
import { localProcessTable } from "../../ports/processes.ts";
import { envelope, field, type TestProject, testProject, until } from "../cli-for-tests.ts";

/** `slow` waits to be told to end, and says so; `stubborn` does not listen. Both wait for a file where one is allowed. */
const PATIENT = `
import { pipeline } from "batuta";
import { existsSync, appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export default pipeline("patient", ({ task }) => {
  const first = task("first", ({ projectDir }) => { appendFileSync(join(projectDir, "first.txt"), "x"); return 1; });
  const slow = task("slow", { input: { first } }, async ({ projectDir, signal }) => {
    appendFileSync(join(projectDir, "started.txt"), process.pid + "\\n");
    console.log("slow has begun");
    while (!existsSync(join(projectDir, "go"))) {
      if (signal.aborted) { appendFileSync(join(projectDir, "aborted.txt"), "x"); throw new Error("told to end"); }
      await setTimeout(20);
    }
    return 2;
  });
  task("last", { input: { slow } }, ({ input }) => input.slow);
});
`;

const STUBBORN = PATIENT.replaceAll("patient", "stubborn")
  .replace("{ input: { first } }", '{ input: { first }, grace: "60s" }')
  .replace("if (signal.aborted)", 'process.on("SIGTERM", () => {});\n      if (signal.reason === "never")');

describe("batuta run, interrupted", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "%s cancels the run, waits for its clean end, and says how to go on (RS-7)",
    async (signal) => {
      const project = testProject({ "pipelines/patient.ts": PATIENT });
      const running = project.start(["run", "patient"]);
      await running.says("slow running");
      await started(project, 1);
      running.child.kill(signal);
      const { code, stdout, stderr } = await running.ended;
      expect(stderr).toContain("Cancelling the run");
      expect(code).toBe(130);
      expect(stdout).toMatch(/^first +success/m);
      expect(stdout).toMatch(/^slow +cancelled/m);
      expect(stdout).toMatch(/^last +cancelled/m);
      expect(stderr).toMatch(/Go on from where it stopped: {2}(npx )?batuta retry [0-9a-f-]+ --from-failure$/m);
      expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({ data: [{ state: "cancelled" }] });

      project.write("go", "");
      const retried = await project.batuta("retry", "latest", "--from-failure", "--json");
      expect(envelope(retried)).toMatchObject({ ok: true, data: { state: "success" } });
      expect(project.read("first.txt")).toBe("x");
    },
  );

  it("kills at once what does not listen, when asked a second time", async () => {
    const project = testProject({ "pipelines/stubborn.ts": STUBBORN });
    const running = project.start(["run", "stubborn"]);
    await started(project, 1);
    running.child.kill("SIGINT");
    await running.says("Cancelling the run");
    await until(() => {
      running.child.kill("SIGINT");
      return running.said().includes("Killing its tasks.");
    });
    expect((await running.ended).code).toBe(130);
    expect(isAlive(Number(project.read("started.txt")))).toBe(false);
    expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({ data: [{ state: "cancelled" }] });
  });

  it("goes on with the run of a command that was killed; --new begins another", async () => {
    const project = testProject({ "pipelines/patient.ts": PATIENT });
    const killed = project.start(["run", "patient"]);
    await started(project, 1);
    killed.child.kill("SIGKILL");
    await killed.ended;
    const id = field(envelope(await project.batuta("runs", "--json")), "data", 0, "id");
    expect((await project.batuta("why", "latest", "slow")).stdout).toContain("no engine is running for it");
    expect((await project.batuta("doctor")).stdout).toContain("1 command ended without a word");

    project.write("go", "");
    const fresh = await project.batuta("run", "patient", "--new", "--json");
    expect(envelope(fresh)).toMatchObject({ ok: true });
    expect(field(envelope(fresh), "data", "id")).not.toBe(id);

    const resumed = await project.batuta("run", "patient", "--json");
    expect(resumed.stderr).toContain(`Going on with run ${String(id).slice(0, 13)}`);
    expect(envelope(resumed)).toMatchObject({
      ok: true,
      data: { id, state: "success", tasks: [{ attempts: 1 }, { name: "slow", attempts: 2 }, {}] },
    });
    expect(project.read("first.txt")).toBe("xx");
  });

  it("is cancelled by another process, which waits for the end", async () => {
    const project = testProject({ "pipelines/patient.ts": PATIENT });
    const running = project.start(["run", "patient"]);
    await started(project, 1);
    const cancelled = await project.batuta("cancel", "patient", "--json");
    expect(envelope(cancelled)).toMatchObject({ ok: true, data: { state: "cancelled" } });
    expect(project.has("aborted.txt")).toBe(true);
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toContain("The run was cancelled");
    const again = await project.batuta("cancel", "latest");
    expect(again).toMatchObject({ code: 5, stdout: "" });
  });

  it("is cancelled although the command that executed it was killed", async () => {
    const project = testProject({ "pipelines/patient.ts": PATIENT });
    const running = project.start(["run", "patient"]);
    await started(project, 1);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(envelope(await project.batuta("cancel", "latest", "--json"))).toMatchObject({
      ok: true,
      data: { state: "cancelled" },
    });
    expect(isAlive(Number(project.read("started.txt")))).toBe(false);
  });

  it("can be watched by its log while it goes on", async () => {
    const project = testProject({ "pipelines/patient.ts": PATIENT });
    const running = project.start(["run", "patient"]);
    await started(project, 1);
    const following = project.start(["logs", "patient", "slow", "-f"]);
    await following.says("slow has begun");
    project.write("go", "");
    expect((await following.ended).code).toBe(0);
    expect((await running.ended).code).toBe(0);
  });
});

function started(project: TestProject, times: number): Promise<void> {
  return until(() => project.has("started.txt") && project.read("started.txt").split("\n").length > times);
}

/** Zombies are not: where nobody reaps, what was killed stays in the table. */
function isAlive(pid: number): boolean {
  return localProcessTable.rows().some((row) => row.pid === pid);
}
