import { sleep, systemClock } from "../../src/ports/clock.ts";
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

const LIVE_RUNS = 200;

keepHeapSmall();
const [, , databaseUrl] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(databaseUrl))}\n`);

async function measure(url: string | undefined): Promise<BackfillFigures> {
  const { store } = await openBenchStore({ url, name: "bench_backfill" });
  const bench = new BackfillBench(store);
  await bench.start();
  await bench.startDelays(LIVE_RUNS / 8);
  const aloneMs = p99(await bench.startDelays(LIVE_RUNS));
  await bench.beginBackfill();
  await sleep(systemClock, 1_000);
  const besideMs = p99(await bench.startDelays(LIVE_RUNS));
  const share = await bench.shareWhenSaturated();
  await bench.stop();
  return { aloneMs, besideMs, share };
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
