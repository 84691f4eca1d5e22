import type { RunId, RunStart, Store } from "../store/store.ts";

/**
 * What attempts begin with. Runs that are asked for in the same breath are read together: a thousand of them may begin
 * in the same second, and one claim takes the first tasks of many.
 */
export class RunStarts {
  readonly #store: Pick<Store, "runStarts">;
  readonly #wanted = new Set<RunId>();
  #reading: Promise<ReadonlyMap<RunId, RunStart>> | undefined;

  constructor(store: Pick<Store, "runStarts">) {
    this.#store = store;
  }

  /** Undefined when there is no such run. */
  async of(run: RunId): Promise<RunStart | undefined> {
    this.#wanted.add(run);
    this.#reading ??= this.#read();
    return (await this.#reading).get(run);
  }

  async #read(): Promise<ReadonlyMap<RunId, RunStart>> {
    await Promise.resolve();
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    this.#reading = undefined;
    return new Map((await this.#store.runStarts(wanted)).map((start) => [start.run.id, start]));
  }
}
