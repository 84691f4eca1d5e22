import { manifestOf, type PipelineSketch } from "../../src/store/conformance/pipelines.ts";
import type { Claim, CompletionResult, RunId, Store } from "../../src/store/store.ts";
import { median, timed } from "./timing.ts";

const TIMES = 200;
const SESSION = "bench";
const PIPELINES: Readonly<Record<string, PipelineSketch>> = {
  chain: Object.fromEntries(
    Array.from({ length: TIMES + 1 }, (_, index) => [`t${index}`, index === 0 ? {} : { after: [`t${index - 1}`] }]),
  ),
  fan: Object.fromEntries(Array.from({ length: TIMES }, (_, index) => [`t${index}`, {}])),
  ten: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, {}])),
};

/** Single operations of a store, each repeated; gives median milliseconds. */
export class StoreOperations {
  readonly #store: Store;
  #runs = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async begin(): Promise<void> {
    await this.#store.saveVersion({ hash: "bench", project: "bench", manifest: manifestOf(PIPELINES) });
    const process = { hostname: "host", hostId: "boot", pid: 1, startTime: "1" };
    const session = { id: SESSION, project: "bench", role: "server", process, leaseMs: 3_600_000, runs: null } as const;
    await this.#store.openSession(session);
  }

  /** The end of one task with the claim of the next. */
  async hop(): Promise<number> {
    await this.#start("chain");
    let claims = await this.#exchange([]);
    const hops = await medianOf(async () => {
      claims = await this.#exchange(claims);
    });
    await this.#exchange(claims);
    return hops;
  }

  async claim(): Promise<number> {
    const run = await this.#start("fan");
    const figure = await medianOf(() => this.#exchange([]));
    await this.#store.cancelRun(run, "bench");
    return figure;
  }

  async releaseRetry(): Promise<number> {
    const run = await this.#start("ten");
    const failure = { reason: "error", message: "It broke." } as const;
    const measured: number[] = [];
    for (let time = 0; time < TIMES; time++) {
      await this.#exchange(await this.#exchange([], 1), 0, { kind: "retrying", failure, delayMs: 0 });
      measured.push(await timed(() => this.#store.releaseRetries()));
    }
    await this.#store.cancelRun(run, "bench");
    return median(measured);
  }

  async cancelAndRerun(which: "cancel" | "rerun"): Promise<number> {
    const run = await this.#start("ten");
    const measured = { cancel: [] as number[], rerun: [] as number[] };
    for (let time = 0; time < TIMES / 4; time++) {
      measured.cancel.push(await timed(() => this.#store.cancelRun(run, "bench")));
      measured.rerun.push(await timed(() => this.#store.rerun(run, "all", "bench")));
    }
    await this.#store.cancelRun(run, "bench");
    return median(measured[which]);
  }

  async #start(pipeline: string): Promise<RunId> {
    this.#runs += 1;
    const id = `bench-${this.#runs}`;
    await this.#store.createRuns([
      {
        ...{ id, project: "bench", pipeline, versionHash: "bench", trigger: "manual", timezone: "UTC" },
        ...{ interval: { start: 0, end: 1 }, ds: "1970-01-01", params: {}, requestKey: id, actor: "bench" },
      },
    ]);
    return id;
  }

  async #exchange(
    ended: readonly Claim[],
    slots = 1,
    result: CompletionResult = { kind: "success" },
  ): Promise<readonly Claim[]> {
    const completions = ended.map(({ taskRunKey, token }) => ({ taskRunKey, token, session: SESSION, result }));
    const { claims } = await this.#store.completeAndClaim(completions, {
      session: SESSION,
      slots,
      queues: ["default"],
    });
    return claims;
  }
}

/** Median milliseconds of a piece of work. */
export async function medianOf(work: () => Promise<unknown>, times = TIMES): Promise<number> {
  const measured: number[] = [];
  for (let time = 0; time < times; time++) measured.push(await timed(work));
  return median(measured);
}
