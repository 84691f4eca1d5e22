import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SCRATCH } from "./bench-store.ts";
import { median } from "./timing.ts";

const BATUTA = fileURLToPath(new URL("../../bin/batuta.js", import.meta.url));
const TIMES = 9;

/**
 * Median milliseconds from the write of one pipeline file among so many to the line of `batuta dev` that says that the
 * project runs with it.
 */
export async function hotReloadMs(files: number, url?: string): Promise<number> {
  const dir = join(SCRATCH, `hot-reload-${files}`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, "pipelines"), { recursive: true });
  writeFileSync(join(dir, "batuta.json"), JSON.stringify({ name: `hot-${files}-${process.pid}` }));
  for (let index = 0; index < files; index++) writePipeline(dir, index, 0);
  const child = spawn(process.execPath, [BATUTA, "dev", "--json"], {
    cwd: dir,
    env: { ...process.env, ...(url === undefined ? {} : { BATUTA_DATABASE_URL: url }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    return median(await reloads(dir, files, child));
  } finally {
    child.kill("SIGINT");
    await once(child, "close");
    rmSync(dir, { recursive: true, force: true });
  }
}

async function reloads(dir: string, files: number, child: ChildProcess): Promise<readonly number[]> {
  const { stdout } = child;
  if (stdout === null) throw new Error("batuta dev has no stdout.");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  await kindOf(lines, "started");
  const times: number[] = [];
  for (let round = 1; round <= TIMES; round++) {
    const began = performance.now();
    writePipeline(dir, round % files, round);
    await kindOf(lines, "reloaded");
    times.push(performance.now() - began);
  }
  return times;
}

async function kindOf(lines: AsyncIterator<string>, kind: string): Promise<void> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`batuta dev ended before it said "${kind}".`);
    if (value.includes(`"kind":"${kind}"`)) return;
  }
}

/** Of an ordinary length: a schedule, parameters and a handful of tasks. */
function writePipeline(dir: string, index: number, revision: number): void {
  writeFileSync(
    join(dir, "pipelines", `p${index}.ts`),
    `import { cron, pipeline } from "batuta";
import { shell } from "batuta/tasks";
import { z } from "zod";

export default pipeline(
  "p${index}",
  { schedule: cron("${index % 60} 6 * * *"), params: z.object({ region: z.string().default("eu") }) },
  ({ task }) => {
    const extract = task("extract", shell\`echo {{ ds }} {{ params.region }} ${revision}\`);
    const rows = task("rows", { after: extract }, () => [${revision}, 2, 3]);
    const sums = task("sums", { input: { rows } }, ({ input }) => input.rows.reduce((sum, row) => sum + row, 0));
    task("load", { input: { sums } }, ({ input, log }) => log.info(String(input.sums)));
    task("tell", { after: sums }, shell\`echo done\`);
  },
);
`,
  );
}
