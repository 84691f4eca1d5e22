import type { PipelineSpec } from "../../src/core/manifest.ts";
import { Engine } from "../../src/engine/engine.ts";
import { newRun } from "../../src/engine/new-run.ts";
import type { OwnerProcesses } from "../../src/engine/owner-processes.ts";
import type { AttemptOrder, AttemptResult, Executor } from "../../src/execution/executor.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { ownIdentity } from "../../src/ports/processes.ts";
import { systemRandom, uuidv7 } from "../../src/ports/random.ts";
import type { RunId, Store } from "../../src/store/store.ts";

/** An engine whose attempts end at once, in this process: what is measured is the engine and its store alone. */
export interface InstantEngine {
  /** Creates a run of the pipeline and waits until it has ended as a success. */
  run(): Promise<RunId>;
  stop(): Promise<void>;
}

export interface InstantWork {
  readonly store: Store;
  readonly pipeline: PipelineSpec;
  readonly resultOf: (order: AttemptOrder) => AttemptResult;
}

const VERSION = "bench";
/** As many as an engine has on a small machine. */
const SLOTS = 8;

export async function instantEngine({ store, pipeline, resultOf }: InstantWork): Promise<InstantEngine> {
  const project = "bench";
  await store.saveVersion({ hash: VERSION, project, manifest: { format: 1, pipelines: [pipeline] } });
  const id = uuidv7(systemClock, systemRandom);
  const session = { id, project, role: "run", process: ownIdentity(), leaseMs: 10_000, runs: null } as const;
  const executor: Executor = {
    slots: SLOTS,
    execute: async (order) => ({ result: resultOf(order) }),
    stop: () => {},
    poll: async () => ({ kind: "done" }),
    findFiles: async () => ({ kind: "files", print: "", files: [] }),
    parseParams: async (_, params) => params,
    nextTicks: async () => ({ ticks: [], isLast: true }),
    close: async () => {},
  };
  const parts = { store, executor, clock: systemClock, processes: NO_PROCESSES };
  const engine = new Engine(parts, session, {
    onProblem: ({ error }) => {
      throw error instanceof Error ? error : new Error(JSON.stringify(error));
    },
  });
  await engine.start();
  return {
    run: async () => {
      const request = {
        project,
        pipeline,
        versionHash: VERSION,
        trigger: "manual",
        params: {},
        actor: "bench",
      } as const;
      const run = newRun(request, systemClock, systemRandom);
      const ended = engine.whenEnded(run.id);
      await engine.createRuns([run]);
      const state = await ended;
      if (state !== "success") throw new Error(`The run of ${pipeline.name} ended as ${state}.`);
      return run.id;
    },
    stop: async () => {
      await engine.stop();
      await store.close();
    },
  };
}

const NO_PROCESSES: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
