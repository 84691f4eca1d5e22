import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { localProcessTable, startProcess } from "../ports/processes.ts";
import { SessionWatchdog, sessionMarker } from "./session-watchdog.ts";

const WATCHDOG = fileURLToPath(new URL("./session-watchdog.ts", import.meta.url));
const PROCESSES = fileURLToPath(new URL("../ports/processes.ts", import.meta.url));

test("when the engine is killed with SIGKILL, every process of its session dies, detached ones too", async () => {
  const session = `watchdog-${process.pid}-killed`;
  const engine = startEngine(session);
  await outputOf(engine, "ready");
  expect(localProcessTable.marked(sessionMarker(session)).length).toBeGreaterThanOrEqual(3);
  engine.kill("SIGKILL");
  await untilNoneIsLeft(session);
});

test("a watchdog that was killed is replaced", async () => {
  const session = `watchdog-${process.pid}-replaced`;
  const engine = startEngine(session);
  await outputOf(engine, "ready");
  const [first] = watchdogsOf(engine, session);
  process.kill(first ?? 0, "SIGKILL");
  let watchdogs = watchdogsOf(engine, session);
  while (watchdogs.length === 0 || watchdogs.includes(first ?? 0)) {
    await outputOf(engine, "tick");
    watchdogs = watchdogsOf(engine, session);
  }
  // It is seen a moment before it has been told its session: the engine must have gone on since.
  await outputOf(engine, "tick");
  await outputOf(engine, "tick");
  engine.kill("SIGKILL");
  await untilNoneIsLeft(session);
});

test("a watchdog in its own session is out of reach of Ctrl-C, and stopping it leaves no process", async () => {
  const before = childrenOf(process.pid);
  const watchdog = new SessionWatchdog(`watchdog-${process.pid}-stopped`);
  await watchdog.start();
  const [own] = childrenOf(process.pid).filter((row) => !before.some((other) => other.pid === row.pid));
  expect(own?.group).toBe(own?.pid);
  expect(own?.residentBytes).toBeLessThan(5 * 1024 * 1024);
  await watchdog.stop();
  expect(childrenOf(process.pid).some((row) => row.pid === own?.pid)).toBe(false);
});

test("a stopped watchdog kills nothing", async () => {
  const session = `watchdog-${process.pid}-spared`;
  const watchdog = new SessionWatchdog(session);
  await watchdog.start();
  const survivor = await startProcess({
    argv: ["/bin/sh", "-c", "read -r word; echo $word"],
    cwd: "/",
    env: { BATUTA_SESSION: session },
    stdin: "pipe",
  });
  await watchdog.stop();
  survivor.stdin?.end("alive\n");
  expect(String((await once(survivor.stdout, "data"))[0])).toBe("alive\n");
});

/** A process that watches, starts a task with a detached child, and says `tick` for ever. */
function startEngine(session: string): ChildProcess {
  const code = `
    const { SessionWatchdog } = await import(${JSON.stringify(WATCHDOG)});
    const { startProcess } = await import(${JSON.stringify(PROCESSES)});
    await new SessionWatchdog(${JSON.stringify(session)}).start();
    const task = await startProcess({
      argv: ["/bin/sh", "-c", "setsid sleep 300 & sleep 300 & echo up; wait"],
      cwd: "/", env: { BATUTA_SESSION: ${JSON.stringify(session)} },
    });
    task.stdout.on("data", () => console.log("ready"));
    setInterval(() => console.log("tick"), 20);
  `;
  const engine = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void engine.kill("SIGKILL"));
  return engine;
}

async function outputOf(engine: ChildProcess, word: string): Promise<void> {
  if (engine.stdout === null) throw new Error("The engine has no output.");
  for (;;) {
    const [data] = await once(engine.stdout, "data");
    if (String(data).includes(word)) return;
  }
}

/** Ends when the last one is gone; a watchdog that fails lets the test run into its time-out. */
async function untilNoneIsLeft(session: string): Promise<void> {
  while (localProcessTable.marked(sessionMarker(session)).length > 0) {
    const pause = await startProcess({ argv: ["sleep", "0.02"], cwd: "/", env: {} });
    await pause.exited;
  }
}

function childrenOf(pid: number): readonly { pid: number; group: number; residentBytes: number }[] {
  return localProcessTable.rows().filter((row) => row.parent === pid);
}

/** The one child of the engine that does not carry the marker. */
function watchdogsOf(engine: ChildProcess, session: string): readonly number[] {
  const marked = localProcessTable.marked(sessionMarker(session)).map((row) => row.pid);
  return childrenOf(engine.pid ?? 0).flatMap(({ pid }) => (marked.includes(pid) ? [] : [pid]));
}
