import type { PipelineSpec } from "../../src/core/manifest.ts";
import { plainTask } from "../../src/core/plain-task-for-tests.ts";
import { Engine } from "../../src/engine/engine.ts";
import { newRun } from "../../src/engine/new-run.ts";
import type { OwnerProcesses } from "../../src/engine/owner-processes.ts";
import type { AttemptOrder, Executor } from "../../src/execution/executor.ts";
import { sleep, systemClock } from "../../src/ports/clock.ts";
import { ownIdentity } from "../../src/ports/processes.ts";
import { type Random, seededRandom, systemRandom, uuidv7 } from "../../src/ports/random.ts";
import type { Store } from "../../src/store/store.ts";

const PROJECT = "bench";
const VERSION = "bench";
const PLACE = { file: "pipelines/p.ts", line: 1 };
const SLOTS = 8;
const TASK_MS = 200;
/** Live runs come on average so often: they need a quarter of the slots. */
const EVERY_MS = 100;
const BACKFILL_RUNS = 10_000;
const HOUR_MS = 3_600_000;
const SETTLING_MS = 1_000;
/** So many live runs wait all the time where the share is measured, for so long. */
const OUTSTANDING = 40;
const SATURATED_MS = 8_000;

/** An engine of all runs whose attempts take their time in this process, with live runs that come at random. */
export class BackfillBench {
  readonly #store: Store;
  readonly #engine: Engine;
  /** When the task of a live run has started. */
  readonly #startedAt = new Map<string, number>();
  #begun = { live: 0, backfill: 0 };
  #backfills = 0;
  #onEnd = (): void => {};

  constructor(store: Store) {
    this.#store = store;
    const executor: Executor = {
      slots: SLOTS,
      execute: (order) => this.#execute(order),
      stop: () => {},
      poll: async () => ({ kind: "done" }),
      findFiles: async () => ({ kind: "files", print: "", files: [] }),
      parseParams: async (_, params) => params,
      nextTicks: async () => ({ ticks: [], isLast: true }),
      close: async () => {},
    };
    const id = uuidv7(systemClock, systemRandom);
    const session = {
      id,
      project: PROJECT,
      role: "server",
      process: ownIdentity(),
      leaseMs: 10_000,
      runs: null,
    } as const;
    const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
    this.#engine = new Engine({ store, executor, clock: systemClock, processes }, session, {
      onProblem: ({ error }) => {
        throw error instanceof Error ? error : new Error(JSON.stringify(error));
      },
    });
  }

  async start(): Promise<void> {
    const pipelines = [pipelineNamed("live"), pipelineNamed("past")];
    await this.#store.saveVersion({ hash: VERSION, project: PROJECT, manifest: { format: 1, pipelines } });
    await this.#engine.start();
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    await this.#store.close();
  }

  /** One of a range of its own. Gives its id. */
  async beginBackfill(): Promise<number> {
    const start = this.#backfills * BACKFILL_RUNS * HOUR_MS;
    this.#backfills += 1;
    const { backfill } = await this.#store.createBackfill({
      ...{ project: PROJECT, pipeline: "past", versionHash: VERSION, requestKey: `bench ${start}`, actor: "bench" },
      request: {
        ...{ timing: { kind: "every", ms: HOUR_MS }, timezone: "UTC", from: "", to: "", params: {} },
        ...{ reprocess: "missing", order: "oldest_first", isSingleRun: false },
      },
      ...{ range: { start, end: start + BACKFILL_RUNS * HOUR_MS }, intervals: BACKFILL_RUNS, maxActive: 16 },
    });
    // Until it has got going.
    await sleep(systemClock, SETTLING_MS);
    return backfill.id;
  }

  /** Cancels it, and waits until nothing of it runs. */
  async endBackfill(id: number): Promise<void> {
    await this.#store.actOnBackfill({ project: PROJECT, id, action: "cancel", actor: "bench" });
    while ((await this.#store.backfill(PROJECT, id))?.finishedAt === undefined) await sleep(systemClock, EVERY_MS);
    await sleep(systemClock, SETTLING_MS);
  }

  /** Live runs one after the other, whatever becomes of those before; the same moments for the same seed. */
  async startDelays(count: number, seed: number): Promise<readonly number[]> {
    const random = seededRandom(seed);
    const asked = new Map<string, number>();
    for (let run = 0; run < count; run++) {
      void this.#createLive(asked);
      await sleep(systemClock, 2 * EVERY_MS * fraction(random));
    }
    while ([...asked.keys()].some((id) => !this.#startedAt.has(id)) || asked.size < count) {
      await sleep(systemClock, EVERY_MS);
    }
    return [...asked].map(([id, at]) => (this.#startedAt.get(id) ?? Number.NaN) - at);
  }

  async shareWhenSaturated(): Promise<number> {
    const asked = new Map<string, number>();
    for (let run = 0; run < OUTSTANDING; run++) await this.#createLive(asked);
    this.#onEnd = () => void this.#createLive(asked);
    await sleep(systemClock, SETTLING_MS);
    this.#begun = { live: 0, backfill: 0 };
    await sleep(systemClock, SATURATED_MS);
    const { live, backfill } = this.#begun;
    this.#onEnd = () => {};
    return backfill / (live + backfill);
  }

  async #createLive(asked: Map<string, number>): Promise<void> {
    const request = { project: PROJECT, versionHash: VERSION, trigger: "manual", params: {}, actor: "bench" } as const;
    const run = newRun({ ...request, pipeline: pipelineNamed("live") }, systemClock, systemRandom);
    asked.set(run.id, systemClock.mono());
    await this.#engine.createRuns([run]);
  }

  async #execute(order: AttemptOrder) {
    const isLive = order.pipeline === "live";
    this.#begun[isLive ? "live" : "backfill"] += 1;
    if (isLive) this.#startedAt.set(order.runId, systemClock.mono());
    await sleep(systemClock, TASK_MS);
    if (isLive) this.#onEnd();
    return { result: { kind: "success" } } as const;
  }
}

/** At least 0, below 1. */
function fraction(random: Random): number {
  return (random.bytes(1)[0] ?? 0) / 256;
}

/** Its runs wait for slots alone. */
function pipelineNamed(name: string): PipelineSpec {
  const tasks = [plainTask("work", { location: PLACE })];
  return { name, location: PLACE, tags: [], timezone: "UTC", tasks, graphHash: name, maxRuns: 1_000 };
}
