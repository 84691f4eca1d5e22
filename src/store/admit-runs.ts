import { runRoom } from "../core/run-admission.ts";
import type { CompiledPipelines } from "./compiled-pipelines.ts";
import { endRuns } from "./end-runs.ts";
import { toPipelineLoad } from "./lane-records.ts";
import { lockedLoads, PipelinePlaces } from "./pipeline-places.ts";
import { recountRun } from "./recount-run.ts";
import type { LoadRow, PipelineName } from "./rows.ts";
import { lockedSet } from "./settle.ts";
import type { RunId } from "./store.ts";
import type { Reader, Transaction } from "./transaction.ts";
import type { WorkingSet } from "./working-set.ts";

/** Runs of one transaction; the rest follows in the next call, at once. */
const ADMITTED_MAX = 100;

/** Pipelines of which a run that waits may begin, without a transaction: most polls find none. */
export async function admissiblePipelines(rows: Reader): Promise<readonly PipelineName[]> {
  const found: PipelineName[] = [];
  for (const name of await rows.pipelinesWithQueuedRuns()) {
    if (runRoom(toPipelineLoad(await rows.pipelineLoad(name))) > 0) found.push(name);
  }
  return found;
}

/** Lets runs of one pipeline begin, the oldest first, as many as it has room for. */
export async function admitRuns(
  tx: Transaction,
  pipelines: CompiledPipelines,
  name: PipelineName,
): Promise<readonly RunId[]> {
  await tx.lockPipelines([name]);
  const room = runRoom(toPipelineLoad(await tx.pipelineLoad(name)));
  const ids = room === 0 ? [] : await tx.queuedRuns(name, Math.min(room, ADMITTED_MAX));
  const admitted: RunId[] = [];
  for (const id of ids) {
    const run = await tx.lockRun(id);
    if (run?.state !== "queued") continue;
    const set = await lockedSet(tx, pipelines, [run]);
    set.addTaskRuns([], await tx.taskRunsOfRun(id, {}));
    await beginRun(tx, set, run.key);
    await endRuns(tx, set);
    await tx.apply(set.changes());
    admitted.push(id);
  }
  return admitted;
}

/** Who asks for runs of a pipeline, under its lock until the transaction ends. */
export class Admission {
  readonly #tx: Transaction;
  readonly #places = new PipelinePlaces();

  constructor(tx: Transaction) {
    this.#tx = tx;
  }

  /** Locks the pipelines of all that are to be created, in one order, before anything else is. */
  async open(wanted: readonly WantedRun[]): Promise<void> {
    for (const [run, row] of await lockedLoads(this.#tx, wanted)) {
      await this.#declare(run, row);
      const maxRuns = row.override ?? run.maxRuns;
      this.#places.know(run, { ...toPipelineLoad(row), ...(maxRuns === undefined ? {} : { maxRuns }) });
    }
  }

  /** Lets a run that was just created begin if there is room; else it waits, and its task runs with it. */
  async admit(set: WorkingSet, runKey: number): Promise<void> {
    if (this.#places.takeFor(set.run(runKey).after)) await beginRun(this.#tx, set, runKey);
  }

  /** The limit is that of the version used last. */
  async #declare({ project, pipeline, maxRuns }: WantedRun, row: LoadRow): Promise<void> {
    if ((maxRuns ?? null) === row.slots) return;
    const slots = maxRuns === undefined ? {} : { slots: maxRuns };
    await this.#tx.declareScopes(project, [{ name: `runs:${pipeline}`, ...slots }]);
  }
}

export interface WantedRun extends PipelineName {
  readonly maxRuns?: number | undefined;
}

/** Decides all that waited with a run for its place; the whole run must have been read. */
export async function beginRun(tx: Transaction, set: WorkingSet, runKey: number): Promise<void> {
  set.moveRun(runKey, "running");
  await recountRun(tx, set, runKey);
}
