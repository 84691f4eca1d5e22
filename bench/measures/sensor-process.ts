import { sleep, systemClock } from "../../src/ports/clock.ts";
import { treeOf } from "../../src/ports/process-table.ts";
import { localProcessTable } from "../../src/ports/processes.ts";
import { warmEngine } from "./warm-engine.ts";

/** What 1,000 sensors cost that wait, each looked at every 30 s. */
export interface SensorFigures {
  /** CPU time of the engine, the sensor host and the task processes together, as a share of one core. */
  readonly coreShare: number;
  /** Looks in a second. */
  readonly polls: number;
}

/** Begins, and the first round of looks. */
const SETTLE_MS = 15_000;
const MEASURE_MS = 60_000;

const [, , databaseUrl] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(databaseUrl))}\n`);

async function measure(url: string | undefined): Promise<SensorFigures> {
  const engine = await warmEngine("sensors", url);
  const run = await engine.begin();
  await sleep(systemClock, SETTLE_MS);
  const before = { cpuMs: cpuMs(), at: systemClock.mono(), polls: await pollsOf() };
  await sleep(systemClock, MEASURE_MS);
  const elapsedMs = systemClock.mono() - before.at;
  const figures = {
    coreShare: (cpuMs() - before.cpuMs) / elapsedMs,
    polls: ((await pollsOf()) - before.polls) / (elapsedMs / 1_000),
  };
  await engine.stop();
  return figures;

  async function pollsOf(): Promise<number> {
    const watches = await engine.store.watches(run);
    if (watches.length !== 1_000) throw new Error(`${watches.length} sensors wait in place of 1,000.`);
    return watches.reduce((sum, { polls }) => sum + polls, 0);
  }
}

/** Of this process and all that it has started. */
function cpuMs(): number {
  return treeOf(localProcessTable.rows(), process.pid).reduce((sum, row) => sum + row.cpuMs, 0);
}
