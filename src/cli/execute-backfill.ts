import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import type { Engine } from "../engine/engine.ts";
import { findBackfiller } from "../engine/orphans.ts";
import { sleep } from "../ports/clock.ts";
import type { BackfillRecord } from "../store/backfill-records.ts";
import type { BackfillId, Store } from "../store/store.ts";
import { actorOf } from "./actor.ts";
import type { Cli } from "./cli.ts";
import { killProcesses, type LocalWorker, startEmbeddedEngine, stopEngine } from "./embedded-engine.ts";
import { hostProcesses } from "./host-processes.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { Trouble } from "./trouble.ts";
import { watchBackfill } from "./watch-backfill.ts";
import type { Workspace } from "./workspace.ts";

/** What is left to do when the command is ended by force gets so long. */
const FORCED_END_MS = 3_000;
const LOOK_MS = 100;

export interface BackfillExecution {
  readonly backfill: BackfillRecord;
  readonly pipeline: PipelineSpec;
  readonly worker: LocalWorker;
}

/** `left`: somebody else works on it, and whoever watched has gone. */
export type BackfillEnd = "ended" | "paused" | "left";

/**
 * Works a backfill off in this process and shows it on the way. Where another process does so already, this one only
 * watches. The first Ctrl-C pauses the backfill and waits for what runs, so that nothing is lost; the second one kills
 * that. Who only watches leaves at the first.
 */
export async function executeBackfill(
  cli: Cli,
  workspace: Workspace,
  execution: BackfillExecution,
): Promise<BackfillEnd> {
  const { store } = workspace;
  const { backfill, worker, pipeline } = execution;
  const other = await findBackfiller(store, hostProcesses(cli.clock), backfill);
  if (other !== undefined)
    cli.note(`Backfill ${backfill.id} is worked on by process ${other.process.pid}: watching it.`);
  const trouble = new Trouble(cli);
  const interruption = new Interruption(cli, store, execution, other === undefined);
  let engine: Engine | undefined;
  try {
    if (other === undefined) {
      engine = await startEmbeddedEngine(cli, workspace, worker, {
        ...{ runs: [], backfill: backfill.id, pipeline },
        onProblem: (problem) => trouble.reported(problem),
        onLost: (error) => trouble.giveUp(error),
      });
    }
    await watchBackfill(cli, store, backfill, Promise.race([trouble.lasting, interruption.over]));
    trouble.throwIfLasting();
    if (!interruption.asked) return "ended";
    return other === undefined ? "paused" : "left";
  } finally {
    interruption.stop();
    if (engine !== undefined) await stopEngine(cli, engine);
  }
}

/** What becomes of Ctrl-C. */
class Interruption {
  asked = false;
  /** Resolves when the command has to end although the backfill has not. */
  readonly over: Promise<void>;
  readonly #listening: { stop(): void };

  constructor(cli: Cli, store: Store, { backfill, worker }: BackfillExecution, isOwn: boolean) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.over = promise;
    this.#listening = listenForInterrupts(cli.clock, {
      first: () => {
        this.asked = true;
        if (!isOwn) return resolve();
        cli.note("Pausing the backfill: what runs is waited for. Once more kills it; it is then run again on resume.");
        const actor = actorOf(cli);
        const paused = store.actOnBackfill({ project: backfill.project, id: backfill.id, action: "pause", actor });
        paused.then(() => drained(cli, store, worker)).then(resolve, resolve);
      },
      again: () => {
        cli.note("Killing its tasks.");
        void Promise.all([killProcesses(cli, worker), sleep(cli.clock, FORCED_END_MS)]).then(() => resolve());
      },
    });
  }

  stop(): void {
    this.#listening.stop();
  }
}

/** Until nothing of this process runs any more. */
async function drained({ clock }: Cli, store: Pick<Store, "leasesOf">, { sessionId }: LocalWorker): Promise<void> {
  while ((await store.leasesOf(sessionId)).length > 0) await sleep(clock, LOOK_MS);
}

/** A backfill by its number; throws `not_found`. */
export async function findBackfill(
  store: Pick<Store, "backfill">,
  project: string,
  id: BackfillId,
): Promise<BackfillRecord> {
  const found = await store.backfill(project, id);
  if (found !== undefined) return found;
  throw new BatutaError("not_found", `There is no backfill ${id}.`, { hint: "batuta backfills lists them." });
}
