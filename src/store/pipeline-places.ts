import { mayBegin, type PipelineLoad } from "../core/run-admission.ts";
import { toPipelineLoad } from "./lane-records.ts";
import type { LoadRow, PipelineName, RunRow } from "./rows.ts";
import type { Transaction } from "./transaction.ts";

/** The places for runs of pipelines (CC-1), under the locks of these until the transaction ends. */
export class PipelinePlaces {
  readonly #loads = new Map<string, PipelineLoad>();

  /** Locks the pipelines, in one order, before anything else is. */
  static async of(tx: Transaction, pipelines: readonly PipelineName[]): Promise<PipelinePlaces> {
    const places = new PipelinePlaces();
    for (const [name, load] of await lockedLoads(tx, pipelines)) places.know(name, toPipelineLoad(load));
    return places;
  }

  /** What is known of a pipeline that this transaction has locked. */
  know(name: PipelineName, load: PipelineLoad): void {
    this.#loads.set(keyOf(name), load);
  }

  /** Whether a run may begin, and then has a place; else it waits behind those that wait already. */
  takeFor(run: Pick<RunRow, keyof PipelineName | "backfill">): boolean {
    // How many runs of a backfill are under way is its own affair (BF-3).
    return run.backfill !== null || this.#take(run);
  }

  #take(name: PipelineName): boolean {
    const load = this.#loads.get(keyOf(name));
    if (load === undefined) throw new Error(`Pipeline ${name.pipeline} was not locked for its run`);
    const isFree = mayBegin(load);
    const { running, queued } = load;
    this.#loads.set(keyOf(name), isFree ? { ...load, running: running + 1 } : { ...load, queued: queued + 1 });
    return isFree;
  }
}

/** Locks pipelines, in one order, and counts their runs under the locks. */
export async function lockedLoads<Name extends PipelineName>(
  tx: Transaction,
  pipelines: readonly Name[],
): Promise<readonly (readonly [Name, LoadRow])[]> {
  const names = inLockOrder(pipelines);
  await tx.lockPipelines(names);
  const loads = await tx.pipelineLoads(names);
  return loads.flatMap((load, index) => {
    const name = names[index];
    return name === undefined ? [] : [[name, load] as const];
  });
}

/** Each once, in the order in which everybody locks them. */
export function inLockOrder<Name extends PipelineName>(names: readonly Name[]): readonly Name[] {
  const byKey = new Map(names.map((name) => [keyOf(name), name]));
  return [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, name]) => name);
}

function keyOf({ project, pipeline }: PipelineName): string {
  return JSON.stringify([project, pipeline]);
}
