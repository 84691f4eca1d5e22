import { rmSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import { timed } from "./timing.ts";
import { PROJECTS } from "./warm-engine.ts";

/** A map as a user runs it: the whole program, real task processes, a live display that goes nowhere. */
export interface MapRunFigures {
  readonly ms: number;
  /** Of the process of `batuta run`: engine, store and display. Task processes are not counted. */
  readonly peakMemoryBytes: number;
}

export async function mapRun(url: string | undefined): Promise<MapRunFigures> {
  const cwd = join(PROJECTS, "map");
  rmSync(join(cwd, ".batuta"), { recursive: true, force: true });
  let errors = "";
  const ms = await timed(async () => {
    const NODE_OPTIONS = `--import=${TELL_PEAK}`;
    const env = { NODE_OPTIONS, ...(url === undefined ? {} : { BATUTA_DATABASE_URL: url }) };
    errors = await runCommand({ args: ["run", "map", "--new"], cwd, env });
  });
  return { ms, peakMemoryBytes: Number(/peak memory (\d+)/.exec(errors)?.[1]) };
}

/** Loaded into every process of Node; the one that runs the command says at its end how much it has held. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  `process.on("exit",()=>{if(/batuta\\.js$/.test(process.argv[1]))process.stderr.write("peak memory "+process.resourceUsage().maxRSS*1024)})`,
)}`;
