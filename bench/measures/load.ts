import { rmSync } from "node:fs";
import { join } from "node:path";
import { compileProject } from "../../src/execution/project/compile-project.ts";
import { findProject } from "../../src/execution/project/find-project.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { localFiles } from "../../src/ports/files.ts";
import { median, timed } from "./timing.ts";

const TIMES = 5;

/** Median milliseconds of compiling a project that was never compiled before, the start of the loader included. */
export async function loadMs(dir: string): Promise<number> {
  const stateDir = join(dir, ".batuta");
  const times: number[] = [];
  for (let round = 0; round < TIMES; round++) {
    rmSync(stateDir, { recursive: true, force: true });
    times.push(
      await timed(() =>
        compileProject(findProject(dir, localFiles), { stateDir, files: localFiles, clock: systemClock }),
      ),
    );
  }
  return median(times);
}
