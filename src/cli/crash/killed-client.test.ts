import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Engine } from "../../engine/engine.ts";
import { createExecutor } from "../../execution/create-executor.ts";
import { localLogs } from "../../execution/logs/log-store.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { ownIdentity } from "../../ports/processes.ts";
import { systemRandom, uuidv7 } from "../../ports/random.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { hostProcesses } from "../host-processes.ts";
import { CrashProject } from "./crash-project-for-tests.ts";

const BATUTA = fileURLToPath(new URL("../../../bin/batuta.js", import.meta.url));

test("a command that only watches may be killed: the server finishes the run", async () => {
  const project = new CrashProject();
  const server = await startServer(project);
  try {
    const command = spawn(process.execPath, [BATUTA, "run", "crash"], {
      cwd: project.dir,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let noted = "";
    command.stderr.on("data", (chunk: Buffer) => {
      noted += chunk.toString();
      if (noted.includes("first running")) command.kill("SIGKILL");
    });
    await once(command, "exit");
    const [run] = await server.store.runs({ limit: 10 });
    expect(run).toBeDefined();
    expect(await server.engine.whenEnded(run?.id ?? "")).toBe("success");
  } finally {
    await server.stop();
    project.remove();
  }
});

/** An engine that executes every run of the project, in this process, as a server will. */
async function startServer({ dir }: CrashProject) {
  const state = (name: string): string => join(dir, ".batuta", name);
  const sessionId = uuidv7(systemClock, systemRandom);
  const store = openSqliteStore({ path: state("batuta.db"), clock: systemClock });
  await store.migrate();
  const executor = createExecutor({
    clock: systemClock,
    sessionId,
    projectDir: dir,
    versionsDir: state("versions"),
    logs: localLogs({ folder: state("logs"), files: localFiles, clock: systemClock }),
    blobsDir: state("blobs"),
    tempDir: state("tmp"),
    connection: () => undefined,
  });
  const engine = new Engine(
    { store, executor, clock: systemClock, processes: hostProcesses(systemClock) },
    { id: sessionId, project: "crash", role: "server", process: ownIdentity(), leaseMs: 10_000, runs: null },
  );
  await engine.start();
  const stop = async (): Promise<void> => {
    await engine.stop();
    await store.close();
  };
  return { sessionId, store, engine, stop };
}
