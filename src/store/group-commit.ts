import { BatutaError } from "../core/problem.ts";

export interface GroupCommitOptions<Item, Result> {
  /** Commits all of them in one transaction, or none; answers in their order. */
  readonly commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Items in one transaction. */
  readonly batchMax: number;
  /** Items that may wait; more are refused at once, so that a slow store does not fill the memory. */
  readonly queueMax: number;
  /** The store could not be asked at all: no item is to blame, so a failing batch is not taken apart. */
  readonly isOutage: (error: unknown) => boolean;
}

/**
 * Lets requests that arrive while a transaction is under way ride in the next one together. When nothing is under way
 * an item goes at once, so a lone request waits for nobody. A batch that fails is halved until the bad item stands
 * alone: only its own submitter hears of it. Does no I/O of its own and keeps no time.
 */
export class GroupCommitter<Item, Result> {
  readonly #options: GroupCommitOptions<Item, Result>;
  #waiting: Request<Item, Result>[] = [];
  #flushing: Promise<void> | undefined;

  constructor(options: GroupCommitOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves when the item has been committed; rejects with what is wrong with it, or with the store. */
  submit(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.queueMax) return Promise.reject(queueFull(this.#options.queueMax));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Resolves when nothing waits and nothing is under way. */
  async drained(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, this.#options.batchMax));
    this.#flushing = undefined;
  }

  async #commit(batch: readonly Request<Item, Result>[]): Promise<void> {
    try {
      answer(batch, await this.#options.commit(batch.map(({ item }) => item)));
    } catch (error) {
      if (batch.length > 1 && !this.#options.isOutage(error)) return this.#commitHalves(batch);
      for (const { reject } of batch) reject(error);
    }
  }

  async #commitHalves(batch: readonly Request<Item, Result>[]): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#commit(batch.slice(0, middle));
    await this.#commit(batch.slice(middle));
  }
}

interface Request<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

function answer<Item, Result>(batch: readonly Request<Item, Result>[], results: readonly Result[]): void {
  if (results.length !== batch.length) throw new Error(`${results.length} answers to a batch of ${batch.length}`);
  results.forEach((result, index) => {
    batch[index]?.resolve(result);
  });
}

function queueFull(queueMax: number): BatutaError {
  return new BatutaError("store_unreachable", `The store is too slow: ${queueMax} requests wait for it already.`, {
    hint: "Look at the load and the disk of the database; nothing that was acknowledged is lost.",
  });
}
