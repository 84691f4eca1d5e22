import { keepHeapSmall } from "../../src/ports/heap.ts";
import { BackfillBench } from "./backfill-bench.ts";
import { openBenchStore } from "./bench-store.ts";

/** What live runs feel of a backfill, and what that gets (BF-3). */
export interface BackfillFigures {
  /** From the call that creates a live run to the start of its task, 99 of 100: without and beside a backfill. */
  readonly aloneMs: number;
  readonly besideMs: number;
  /** Part of the attempts that are the backfill's while live runs would take all slots. */
  readonly share: number;
}

/** Of five times as many the p99 is the fifth from the end; turn by turn, so that both meet the same machine. */
const LIVE_RUNS = 100;
const ROUNDS = 5;

keepHeapSmall();
const [, , databaseUrl] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(databaseUrl))}\n`);

async function measure(url: string | undefined): Promise<BackfillFigures> {
  const { store } = await openBenchStore({ url, name: "bench_backfill" });
  const bench = new BackfillBench(store);
  await bench.start();
  await bench.startDelays(LIVE_RUNS / 4, 0);
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    alone.push(...(await bench.startDelays(LIVE_RUNS, round)));
    const backfill = await bench.beginBackfill();
    beside.push(...(await bench.startDelays(LIVE_RUNS, round)));
    await bench.endBackfill(backfill);
  }
  await bench.beginBackfill();
  const share = await bench.shareWhenSaturated();
  await bench.stop();
  return { aloneMs: p99(alone), besideMs: p99(beside), share };
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
