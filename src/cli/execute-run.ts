import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { admissionText } from "../core/run-admission.ts";
import type { Engine } from "../engine/engine.ts";
import { findServer } from "../engine/orphans.ts";
import type { DutyProblem } from "../engine/service.ts";
import { sleep, within } from "../ports/clock.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import { actorOf } from "./actor.ts";
import type { Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { killProcesses, type LocalWorker, startEmbeddedEngine } from "./embedded-engine.ts";
import { admissionOf } from "./explain-tasks.ts";
import { hostProcesses } from "./host-processes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { watchRun } from "./watch-run.ts";
import type { Workspace } from "./workspace.ts";

/** Trouble with the database that lasts so long ends the command; the run stays as it is and is resumed later. */
const TROUBLE_MS_MAX = 10_000;
/** What is left to do when the command is ended by force gets so long. */
const FORCED_END_MS = 3_000;
/** Attempts are asked to end, the rest is told to the database. */
const STOP_MS_MAX = 15_000;

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
        run: runId,
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

/** A database that does not answer must not keep the command from ending: what it holds is found later. */
async function stopEngine(cli: Cli, engine: Engine): Promise<void> {
  await within(
    cli.clock,
    STOP_MS_MAX,
    engine.stop().catch(() => undefined),
  );
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

/** Tells the person that the database gives trouble, each kind once, and gives up when it lasts. */
class Trouble {
  /** Resolves when there is no hope. */
  readonly lasting: Promise<void>;
  readonly #cli: Cli;
  readonly #resolve: () => void;
  /** When each duty that fails at the moment began to. */
  readonly #since = new Map<string, number>();
  readonly #told = new Set<string>();
  #newest: unknown;
  #hopeless: unknown;

  constructor(cli: Cli) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#cli = cli;
    this.lasting = promise;
    this.#resolve = resolve;
  }

  reported({ duty, error, failures }: DutyProblem): void {
    const now = this.#cli.clock.mono();
    if (failures === 1) this.#since.set(duty, now);
    this.#newest = error;
    this.#tell(error);
    if (now - (this.#since.get(duty) ?? now) >= TROUBLE_MS_MAX) this.giveUp(error);
  }

  /** What the database itself said tells more than that a lease was lost by it. */
  giveUp(error: unknown): void {
    this.#hopeless ??= this.#newest instanceof BatutaError ? this.#newest : error;
    this.#resolve();
  }

  throwIfLasting(): void {
    if (this.#hopeless !== undefined) throw this.#hopeless;
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#cli.warn(`${message.replace(/\.?$/, ".")} Trying again.`);
  }
}
