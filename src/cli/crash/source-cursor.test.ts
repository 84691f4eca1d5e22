import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { systemRandom } from "../../ports/random.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { testProject } from "../cli-for-tests.ts";

const BATUTA = fileURLToPath(new URL("../../../bin/batuta.js", import.meta.url));
const KILLS = 12;
/** Longer than a command takes on a busy machine: some are killed before, some while they read, some after. */
const MS_MAX = 2_500;
const DEV_KILLS = 6;
/** Longer than a batch takes. */
const BATCH_MS = 300;

/**
 * Reads lines by their offset in bytes, and writes each batch under the offset where it begins, in the place of what an
 * attempt has written there that was cut off. Slowly, so that there is a moment to be killed in.
 */
const PIPELINE = `import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, writeFileSync } from "node:fs";
import { pipeline } from "batuta";

const pause = () => new Promise((resolve) => setTimeout(resolve, 60));

export default pipeline("ingest", ({ task }) => {
  task("read", { cursor: { name: "lines", initial: 0 } }, async ({ cursor, log }) => {
    const file = openSync("source.log", "r");
    const bytes = Buffer.alloc(Math.min(fstatSync(file).size - cursor.value, 2_000));
    readSync(file, bytes, 0, bytes.length, cursor.value);
    closeSync(file);
    const batch = bytes.subarray(0, bytes.lastIndexOf("\\n") + 1);
    if (batch.length === 0) return 0;
    await pause();
    const part = \`sink/\${cursor.value}\`;
    writeFileSync(\`\${part}.part\`, batch);
    renameSync(\`\${part}.part\`, part);
    do await pause();
    while (existsSync("hold"));
    cursor.advance(cursor.value + batch.length);
    await pause();
    return batch.length;
  });
});`;

test("every record of a growing source is in the sink exactly once, however often the command is killed with kill -9", async () => {
  const project = testProject({ "pipelines/ingest.ts": PIPELINE });
  const source = join(project.dir, "source.log");
  mkdirSync(join(project.dir, "sink"));
  writeFileSync(source, "");
  let records = 0;
  const grow = (): void => {
    const lines = Array.from({ length: 1 + (systemRandom.bytes(1)[0] ?? 0) }, () => `record ${++records}\n`);
    appendFileSync(source, lines.join(""));
  };
  for (let kill = 0; kill < KILLS; kill++) {
    grow();
    await killedAfter(start(project.dir), (MS_MAX * (kill + chance())) / KILLS, grow);
  }
  grow();
  await killedWhileSinking(() => start(project.dir), project.dir);
  const wanted = Array.from({ length: records }, (_, index) => `record ${index + 1}`);
  for (let runs = 0; sunk(project.dir).length < records && runs < 100; runs++) {
    const done = await project.batuta("run", "ingest", "--quiet");
    expect(done.code, done.stderr).toBe(0);
  }
  expect(sunk(project.dir)).toEqual(wanted);
  expect(await lostAttempts(project.dir), "attempts that were cut off").toBeGreaterThan(0);
}, 240_000);

test("batuta dev, killed with kill -9 and begun again, reads on by itself and sinks every record once", async () => {
  const scheduled = PIPELINE.replace("import { pipeline }", "import { continuous, pipeline }").replace(
    '"ingest", (',
    '"ingest", { schedule: continuous({ gap: "50ms" }) }, (',
  );
  const project = testProject({ "pipelines/ingest.ts": scheduled });
  const source = join(project.dir, "source.log");
  mkdirSync(join(project.dir, "sink"));
  writeFileSync(source, "");
  let records = 0;
  const grow = (): void => appendFileSync(source, Array.from({ length: 40 }, () => `record ${++records}\n`).join(""));
  const startDev = () => spawn(process.execPath, [BATUTA, "dev"], { cwd: project.dir, stdio: "ignore" });
  for (let kill = 0; kill < DEV_KILLS; kill++) {
    const before = newestSunk(project.dir);
    grow();
    const dev = startDev();
    await hasSunk(project.dir, before);
    await killedAfter(dev, BATCH_MS * chance(), grow);
  }
  grow();
  await killedWhileSinking(startDev, project.dir);
  const dev = project.start(["dev"]);
  grow();
  await expect.poll(() => sunk(project.dir).length, { timeout: 60_000, interval: 100 }).toBe(records);
  dev.child.kill("SIGINT");
  await dev.ended;
  expect(sunk(project.dir)).toEqual(Array.from({ length: records }, (_, index) => `record ${index + 1}`));
  expect(await lostAttempts(project.dir), "attempts that were cut off").toBeGreaterThan(0);
}, 240_000);

async function lostAttempts(dir: string): Promise<number> {
  const store = openSqliteStore({ path: join(dir, ".batuta", "batuta.db"), clock: systemClock });
  try {
    const runs = await store.runs({ limit: 1_000 });
    const attempts = await Promise.all(runs.map(({ id }) => store.attempts(id)));
    return attempts.flat().filter(({ outcome }) => outcome === "lost").length;
  } finally {
    await store.close();
  }
}

/** Between a batch's sinking and the moving of the cursor, where the task is held. */
async function killedWhileSinking(begin: () => ChildProcess, dir: string): Promise<void> {
  const before = newestSunk(dir);
  const hold = join(dir, "hold");
  writeFileSync(hold, "");
  const child = begin();
  const exit = once(child, "exit");
  await hasSunk(dir, before);
  child.kill("SIGKILL");
  await exit;
  rmSync(hold);
}

function hasSunk(dir: string, before: number): Promise<void> {
  return expect.poll(() => newestSunk(dir), { timeout: 60_000, interval: 5 }).toBeGreaterThan(before);
}

function newestSunk(dir: string): number {
  const sink = join(dir, "sink");
  return Math.max(
    0,
    ...readdirSync(sink).map((name) => statSync(join(sink, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
}

/** Records in the order of their batches. */
function sunk(dir: string): readonly string[] {
  const folder = join(dir, "sink");
  const offsets = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  const parts = offsets.map(Number).sort((one, other) => one - other);
  return parts.flatMap((offset) =>
    readFileSync(join(folder, String(offset)), "utf8")
      .split("\n")
      .slice(0, -1),
  );
}

function start(cwd: string): ChildProcess {
  return spawn(process.execPath, [BATUTA, "run", "ingest", "--quiet"], { cwd, stdio: "ignore" });
}

/** The source grows while it is read. */
async function killedAfter(command: ChildProcess, ms: number, grow: () => void): Promise<void> {
  const exit = once(command, "exit");
  const growing = systemClock.after(ms / 2, grow);
  const killing = systemClock.after(ms, () => command.kill("SIGKILL"));
  await exit;
  growing.cancel();
  killing.cancel();
}

function chance(): number {
  return (systemRandom.bytes(1)[0] ?? 0) / 256;
}
