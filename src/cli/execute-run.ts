import type { PipelineSpec } from "../core/manifest.ts";
import { admissionText } from "../core/run-admission.ts";
import type { Engine } from "../engine/engine.ts";
import { findServer } from "../engine/orphans.ts";
import { sleep } from "../ports/clock.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import { actorOf } from "./actor.ts";
import type { Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { killProcesses, type LocalWorker, startEmbeddedEngine, stopEngine } from "./embedded-engine.ts";
import { admissionOf } from "./explain-tasks.ts";
import { hostProcesses } from "./host-processes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { Trouble } from "./trouble.ts";
import { watchRun } from "./watch-run.ts";
import type { Workspace } from "./workspace.ts";

/** What is left to do when the command is ended by force gets so long. */
const FORCED_END_MS = 3_000;

export interface Execution {
  readonly runId: RunId;
  readonly pipeline: PipelineSpec;
  readonly worker: LocalWorker;
  /** Makes the run runnable: creates it, clears it, or finds it as it was left. */
  begin(store: Store): Promise<Begun>;
}

export interface Begun {
  readonly run: RunRecord;
  /** Cursor of the last event before this execution; absent = it is the first one. */
  readonly after?: string;
}

/** How an execution ended: the run is read from the database by whoever wants to know more. */
export type ExecutionEnd = "run_ended" | "interrupted";

/**
 * Executes a run in this process and shows it on the way, until it has ended. Where a server owns the database, the
 * server executes it and this process only watches. The first Ctrl-C cancels the run and waits for its clean end, the
 * second one kills its processes.
 */
export async function executeRun(cli: Cli, workspace: Workspace, execution: Execution): Promise<ExecutionEnd> {
  const { store, project } = workspace;
  const { runId, pipeline, worker } = execution;
  const trouble = new Trouble(cli);
  const interruption = new Interruption(cli, store, runId, worker);
  let engine: Engine | undefined;
  try {
    if ((await findServer(store, hostProcesses(cli.clock), project.name)) === undefined) {
      engine = await startEmbeddedEngine(cli, workspace, worker, {
        runs: [runId],
        pipeline,
        onProblem: (problem) => trouble.reported(problem),
        onLost: (error) => trouble.giveUp(error),
      });
    }
    const begun = await execution.begin(store);
    interruption.begin(engine);
    engine?.wake();
    if (begun.run.state === "queued") await noteWaiting(cli, store, begun.run);
    await watchRun(cli, store, { ...begun, pipeline }, Promise.race([trouble.lasting, interruption.forced]));
    trouble.throwIfLasting();
    return interruption.asked ? "interrupted" : "run_ended";
  } finally {
    interruption.stop();
    if (engine !== undefined) await stopEngine(cli, engine);
  }
}

async function noteWaiting(cli: Cli, store: Store, run: RunRecord): Promise<void> {
  const admission = await admissionOf(store, run, []);
  if (admission === undefined) return;
  const { load, pause } = admission;
  const mend = pause === undefined ? "" : ` \`${commandText(cli, `unpause ${run.pipeline}`)}\` lets it go on.`;
  cli.note(`The run waits for its place: ${admissionText(load, pause)}.${mend}`);
}

/** What becomes of Ctrl-C, also of one that comes before the run exists. */
class Interruption {
  asked = false;
  /** Resolves when the command has to end although the run has not. */
  readonly forced: Promise<void>;
  readonly #cancel: () => Promise<unknown>;
  readonly #force: () => void;
  readonly #cli: Cli;
  readonly #listening: { stop(): void };
  #engine: Engine | undefined;
  #begun = false;

  constructor(cli: Cli, store: Store, runId: RunId, worker: LocalWorker) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#cli = cli;
    this.forced = promise;
    this.#force = resolve;
    this.#cancel = () => (this.#engine ?? store).cancelRun(runId, actorOf(cli));
    this.#listening = listenForInterrupts(cli.clock, {
      first: () => this.#ask(),
      again: () => {
        cli.note("Killing its tasks.");
        void Promise.all([killProcesses(cli, worker), sleep(cli.clock, FORCED_END_MS)]).then(() => resolve());
      },
    });
  }

  /** The run is there: what was asked before is done now. */
  begin(engine: Engine | undefined): void {
    this.#engine = engine;
    this.#begun = true;
    if (this.asked) this.#cancelRun();
  }

  stop(): void {
    this.#listening.stop();
  }

  #ask(): void {
    this.asked = true;
    this.#cli.note("Cancelling the run: its tasks are asked to end. Once more kills them at once.");
    if (this.#begun) this.#cancelRun();
  }

  #cancelRun(): void {
    this.#cancel().catch(this.#force);
  }
}
