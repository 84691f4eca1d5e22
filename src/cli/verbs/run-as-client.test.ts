import { basename } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Engine } from "../../engine/engine.ts";
import { createExecutor } from "../../execution/create-executor.ts";
import { localLogs } from "../../execution/logs/log-store.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { ownIdentity } from "../../ports/processes.ts";
import { systemRandom, uuidv7 } from "../../ports/random.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import type { Store } from "../../store/store.ts";
import { envelope, type TestProject, testProject, until } from "../cli-for-tests.ts";
import { hostProcesses } from "../host-processes.ts";
import { stateFolder } from "../state-folder.ts";

const FAMILY = `
import { pipeline } from "batuta";
import { appendFileSync, readFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

export default pipeline("family", ({ task }) => {
  const parent = task("parent", () => 1);
  task("waiting", { input: { parent } }, async ({ projectDir, signal }) => {
    appendFileSync(join(projectDir, "started.txt"), "x\\n");
    while (!existsSync(join(projectDir, "go")) && !signal.aborted) await setTimeout(20);
    if (signal.aborted) throw new Error("told to end");
    return 1;
  });
});
`;

it("where a server owns the database, run only asks, watches and tells", async () => {
  const project = testProject({ "pipelines/family.ts": FAMILY, go: "" });
  await project.batuta("runs");
  await startServer(project);
  const result = await project.batuta("run", "family", "--json");
  expect(envelope(result)).toMatchObject({
    ok: true,
    data: { state: "success", tasks: [{ name: "parent" }, { name: "waiting" }] },
  });
  expect(result.stderr).toContain("✔ parent success");
  // This very process has executed the tasks, not the command.
  const sessions = await read(project, (store) => store.sessions());
  expect(sessions).toHaveLength(1);
  expect(sessions).toMatchObject([{ role: "server", process: { pid: process.pid } }]);
});

it("Ctrl-C in a client cancels the run on the server", async () => {
  const project = testProject({ "pipelines/family.ts": FAMILY });
  await project.batuta("runs");
  await startServer(project);
  const running = project.start(["run", "family"]);
  await until(() => project.has("started.txt"));
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect(envelope(await project.batuta("runs", "--json"))).toMatchObject({ data: [{ state: "cancelled" }] });
});

/** What a server does with the project's database, in this process. */
async function startServer({ dir }: TestProject): Promise<void> {
  const { logs, blobs, temp, versions, database } = stateFolder({ dir });
  const id = uuidv7(systemClock, systemRandom);
  const executor = createExecutor({
    clock: systemClock,
    sessionId: id,
    projectDir: dir,
    versionsDir: versions,
    logs: localLogs({ folder: logs, files: localFiles, clock: systemClock }),
    blobsDir: blobs,
    tempDir: temp,
    connection: () => undefined,
  });
  const store = openSqliteStore({ path: database, clock: systemClock });
  const engine = new Engine(
    { store, executor, clock: systemClock, processes: hostProcesses(systemClock) },
    // A project without settings is called as its folder is.
    { id, project: basename(dir), role: "server", process: ownIdentity(), leaseMs: 10_000, runs: null },
  );
  await engine.start();
  onTestFinished(async () => {
    await engine.stop();
    await store.close();
  });
}

async function read<T>({ dir }: TestProject, work: (store: Store) => Promise<T>): Promise<T> {
  const store = openSqliteStore({ path: stateFolder({ dir }).database, clock: systemClock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
