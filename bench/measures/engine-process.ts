import { parseJson } from "../../src/core/serialize-value.ts";
import { keepHeapSmall } from "../../src/ports/heap.ts";
import { timed } from "./timing.ts";
import { warmEngine } from "./warm-engine.ts";

/** What one engine in a process of its own has measured. */
export interface EngineFigures {
  /** Each run's milliseconds, the first (cold) one left out. */
  readonly runMs: readonly number[];
  /** The most memory this process has held, in bytes; task processes not counted. */
  readonly peakMemoryBytes: number;
  /** From the call that creates a run to the first line of its task, each run's milliseconds. */
  readonly triggerMs: readonly number[];
}

keepHeapSmall();
const [, , project = "", times = "1", databaseUrl] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(project, Number(times), databaseUrl))}\n`);

async function measure(name: string, count: number, url: string | undefined): Promise<EngineFigures> {
  const engine = await warmEngine(name, url);
  const runMs: number[] = [];
  const triggerMs: number[] = [];
  await engine.run();
  for (let round = 0; round < count; round++) {
    const asked = performance.timeOrigin + performance.now();
    let id = "";
    runMs.push(
      await timed(async () => {
        id = await engine.run();
      }),
    );
    if (name !== "trigger") continue;
    const began = (await engine.store.outputs(id, [0])).get(0);
    if (began?.kind === "inline") triggerMs.push(Number(parseJson(began.json)) - asked);
  }
  await engine.stop();
  return { runMs, triggerMs, peakMemoryBytes: process.resourceUsage().maxRSS * 1024 };
}
