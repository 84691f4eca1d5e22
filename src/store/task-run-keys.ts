/**
 * Hands out neighbouring task-run keys from blocks that are reserved in the database now and then, each in a short
 * transaction of its own: creating a run waits for no other run's creation. What a process does not use is a gap.
 */
export class TaskRunKeys {
  readonly #reserve: (count: number) => Promise<number>;
  #next = 0;
  #end = 0;
  /** One reservation at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** `reserve` takes a block of so many keys for good and gives the first. */
  constructor(reserve: (count: number) => Promise<number>) {
    this.#reserve = reserve;
  }

  /** The first of `count` neighbouring keys. */
  take(count: number): Promise<number> {
    const taken = this.#turn.then(() => this.#take(count));
    this.#turn = taken.catch(() => undefined);
    return taken;
  }

  async #take(count: number): Promise<number> {
    if (this.#next + count > this.#end) {
      const size = Math.max(count, BLOCK_SIZE);
      this.#next = await this.#reserve(size);
      this.#end = this.#next + size;
    }
    const first = this.#next;
    this.#next += count;
    return first;
  }
}

const BLOCK_SIZE = 10_000;
