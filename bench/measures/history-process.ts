import { openBenchStore } from "./bench-store.ts";
import { fillHistory } from "./fill-history.ts";
import { medianOf, StoreOperations } from "./store-operations.ts";

/** Median milliseconds of each operation of a store, by its name. */
export type HistoryFigures = Readonly<Record<string, number>>;

const [, , taskRuns = "0", url] = process.argv;
process.stdout.write(`${JSON.stringify(await measure(Number(taskRuns), url))}\n`);

async function measure(past: number, url: string | undefined): Promise<HistoryFigures> {
  const database = { url, name: `bench_history_${past}` };
  const { store, path } = await openBenchStore(database);
  const operations = new StoreOperations(store);
  await operations.begin();
  if (past > 0) await fillHistory(database, path, past);
  const figures = {
    "hop of a chain": await operations.hop(),
    "claim of a task": await operations.claim(),
    "release of a retry": await operations.releaseRetry(),
    "cancel of a run": await operations.cancelAndRerun("cancel"),
    "rerun of 10 tasks": await operations.cancelAndRerun("rerun"),
    "look for stalled runs": await medianOf(() => store.failStalledRuns()),
    "look for deadlines": await medianOf(() => store.fireTimers()),
    "look for queued runs": await medianOf(() => store.admitRuns()),
    "list of the newest runs": await medianOf(() => store.runs({ project: "bench", limit: 20 })),
    "list of failed runs": await medianOf(() => store.runs({ project: "bench", states: ["failed"], limit: 20 })),
    "list of running runs": await medianOf(() => store.runs({ states: ["running"], limit: 20 })),
  };
  await store.close();
  return figures;
}
