import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localFiles } from "../ports/files.ts";
import { localProcessTable, ownIdentity } from "../ports/processes.ts";
import { type ExecutorFixture, setupExecutor, shellTask } from "./executor-for-tests.ts";
import { sessionMarker } from "./session-watchdog.ts";
import { openTempFolders } from "./temp-folders.ts";

test("closing ends every process; what still ran is reported as cancelled", async () => {
  const fixture = setupExecutor({
    wait: "() => { console.log('up'); return new Promise(() => {}); }",
    loop: "() => { console.log('up'); for (;;); }",
  });
  const reports: Promise<string>[] = [];
  for (const task of ["wait", "loop"]) {
    const up = fixture.said("up");
    reports.push(fixture.result(task).then(({ kind }) => kind));
    await up;
  }
  await fixture.executor.close();
  expect(await Promise.all(reports)).toEqual(["cancelled", "cancelled"]);
  expect(localProcessTable.marked(sessionMarker(fixture.sessionId))).toEqual([]);
  expect((await fixture.result("wait")).kind).toBe("cancelled");
});

test("parameters are validated by the pipeline's own code", async () => {
  const parseParams = `(raw) => {
    if (typeof raw.n !== "number") throw Object.assign(new Error("n is no number"), { hint: "Give --param n=1" });
    return { ...raw, region: "eu" };
  }`;
  const { executor, order } = setupExecutor({ any: "() => 1" }, { parseParams });
  expect(await executor.parseParams(order("any"), { n: 1 })).toEqual({ n: 1, region: "eu" });
  await expect(executor.parseParams(order("any"), {})).rejects.toMatchObject({
    code: "invalid_params",
    message: "n is no number",
    hint: "Give --param n=1",
  });
});

test("stopping an attempt that nobody knows does nothing", () => {
  const { executor, order } = setupExecutor({ any: "() => 1" });
  executor.stop(order("any"));
});

test("when the engine is killed with SIGKILL, nothing that its attempts started goes on", async () => {
  const fixture = setupExecutor({
    family: `async () => {
      const { spawn } = await import("node:child_process");
      spawn("setsid", ["sleep", "300"], { detached: true });
      console.log("all up");
      for (;;);
    }`,
    shell: shellTask("setsid sleep 300 & echo all up; sleep 300"),
  });
  const sessionId = `killed-${process.pid}`;
  const engine = spawn(process.execPath, ["--input-type=module", "-e", engineScript(fixture, sessionId)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const up: string[] = [];
  while (up.length < 2)
    up.push(
      ...String((await once(engine.stdout, "data"))[0])
        .trim()
        .split("\n"),
    );
  expect(localProcessTable.marked(sessionMarker(sessionId)).length).toBeGreaterThanOrEqual(4);
  engine.kill("SIGKILL");
  while (localProcessTable.marked(sessionMarker(sessionId)).length > 0) {
    await once(spawn("sleep", ["0.02"]), "exit");
  }
});

/** An engine of its own, over the fixture's project, that runs both tasks and says when they are up. */
function engineScript({ order, projectDir, stateDir }: ExecutorFixture, sessionId: string): string {
  const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  return `
    const { createExecutor } = await import(${url("./create-executor.ts")});
    const { localLogs } = await import(${url("./logs/log-store.ts")});
    const { systemClock } = await import(${url("../ports/clock.ts")});
    const { localFiles } = await import(${url("../ports/files.ts")});
    const dir = ${JSON.stringify(stateDir)};
    const logs = localLogs({ folder: dir + "/logs2", files: localFiles, clock: systemClock });
    const open = (attempt) => ({
      ...logs.open(attempt), line() {}, close() {},
      bytes: (_stream, data) => String(data).includes("all up") && console.log("up"),
    });
    const executor = createExecutor({
      clock: systemClock, sessionId: ${JSON.stringify(sessionId)}, projectDir: ${JSON.stringify(projectDir)},
      versionsDir: dir + "/versions", logs: { ...logs, open }, blobsDir: dir + "/values2", tempDir: dir + "/tmp2",
      connection: () => undefined,
    });
    for (const order of ${JSON.stringify([order("family"), order("shell")])}) void executor.execute(order);
  `;
}

test("B66: temp folders of a killed engine are removed by the next one, those of living ones are not", async () => {
  const tempDir = mkdtempSync(join(tmpdir(), "batuta-temp-"));
  onTestFinished(() => rmSync(tempDir, { recursive: true, force: true }));
  const dead = spawn("true");
  const gone = { ...ownIdentity(), pid: dead.pid ?? 0, startTime: "1" };
  await once(dead, "exit");
  for (const [session, owner] of [
    ["dead", gone],
    ["elsewhere", { ...gone, hostId: "another host" }],
    ["alive", ownIdentity()],
  ] as const) {
    mkdirSync(join(tempDir, session, "run.1.1.1"), { recursive: true });
    writeFileSync(join(tempDir, session, "owner.json"), JSON.stringify(owner));
  }
  mkdirSync(join(tempDir, "not-ours"));
  const folders = openTempFolders(tempDir, "mine", localFiles);
  expect(readdirSync(tempDir).sort()).toEqual(["alive", "elsewhere", "mine", "not-ours"]);
  folders.close();
  expect(existsSync(folders.sessionDir)).toBe(false);
});
