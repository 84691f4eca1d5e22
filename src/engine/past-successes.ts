import type { PastSuccess } from "../core/past-success.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import { remember } from "./remember.ts";

/** Runs, or generations of their tasks, of which it is known at the same time. */
const KEPT_MAX = 10_000;

/**
 * The success before the interval of a run, read once for the tasks of one generation: what all of them see is the same,
 * whatever succeeds meanwhile; what runs again later sees what has succeeded since.
 */
export class PastSuccesses {
  readonly #store: Pick<Store, "pastSuccess">;
  readonly #kept = new Map<string, Promise<PastSuccess | undefined>>();

  constructor(store: Pick<Store, "pastSuccess">) {
    this.#store = store;
  }

  /** What was read with the run; what is known of the generation already stays. */
  know(run: RunId, generation: number, success: PastSuccess | undefined): void {
    const key = keyOf(run, generation);
    if (!this.#kept.has(key)) remember(this.#kept, key, Promise.resolve(success), KEPT_MAX);
  }

  before(run: RunRecord, generation: number): Promise<PastSuccess | undefined> {
    const key = keyOf(run.id, generation);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const read = this.#store.pastSuccess(run);
    remember(this.#kept, key, read, KEPT_MAX);
    // What could not be read is asked for again.
    read.catch(() => this.#kept.delete(key));
    return read;
  }
}

function keyOf(id: RunId, generation: number): string {
  return `${generation} ${id}`;
}
