import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localFiles } from "../ports/files.ts";
import { localProcessTable, ownIdentity } from "../ports/processes.ts";
import { setupExecutor } from "./executor-fixture.ts";
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
