/** Lets one transaction at a time use the connection, in the order in which they came. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all that came before has ended, well or not. */
  pass<T>(work: () => Promise<T>): Promise<T> {
    const passed = this.#last.then(work);
    this.#last = passed.catch(() => undefined);
    return passed;
  }
}
