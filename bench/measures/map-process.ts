import { keepHeapSmall } from "../../src/ports/heap.ts";
import { manifestOf } from "../../src/store/conformance/pipelines.ts";
import type { Store } from "../../src/store/store.ts";
import { openBenchStore } from "./bench-store.ts";
import { instantEngine } from "./instant-engine.ts";

/** What an engine needs for a map over so many items, whose attempts cost nothing. */
export interface MapFigures {
  /** The transaction that ends the source and makes a task run for each item. */
  readonly expandMs: number;
  /** From the end of that one to the end of the run. */
  readonly tasksPerSecond: number;
  readonly peakMemoryBytes: number;
}

keepHeapSmall();
const [, , items = "100000", url] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(Number(items), url))}\n`);

async function measure(count: number, url: string | undefined): Promise<MapFigures> {
  const { store } = await openBenchStore({ url, name: "bench_map" });
  const [pipeline] = manifestOf({
    map: { list: {}, each: { after: ["list"], over: "list" }, join: { after: ["each"] } },
  }).pipelines;
  if (pipeline === undefined) throw new Error("No pipeline");
  const expansion = { startedAt: 0, endedAt: 0 };
  const json = JSON.stringify(Array.from({ length: count }, (_, item) => item));
  const engine = await instantEngine({
    store: watched(store, expansion),
    pipeline,
    resultOf: ({ task }) => ({ kind: "success", ...(task.name === "list" && { output: { kind: "inline", json } }) }),
  });
  await engine.run();
  const seconds = (performance.now() - expansion.endedAt) / 1_000;
  await engine.stop();
  return {
    expandMs: expansion.endedAt - expansion.startedAt,
    tasksPerSecond: (count + 1) / seconds,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  };
}

/** Notes when the first exchange that ends something begins and ends: it is that of the source. */
function watched(store: Store, expansion: { startedAt: number; endedAt: number }): Store {
  const completeAndClaim = store.completeAndClaim.bind(store);
  store.completeAndClaim = async (completions, claim) => {
    if (completions.length === 0 || expansion.endedAt > 0) return completeAndClaim(completions, claim);
    expansion.startedAt = performance.now();
    const result = await completeAndClaim(completions, claim);
    expansion.endedAt = performance.now();
    return result;
  };
  return store;
}
