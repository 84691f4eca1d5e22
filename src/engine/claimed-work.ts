import type { RunId } from "../store/store.ts";

/** What an engine claims: task runs of some queues, of all runs or of some, and of those that these start. */
export class ClaimedWork {
  readonly #queues: Set<string>;
  readonly #runs: Set<RunId> | undefined;

  /** @param runs null = all, now and later */
  constructor(queues: readonly string[], runs: readonly RunId[] | null) {
    this.#queues = new Set(queues);
    this.#runs = runs === null ? undefined : new Set(runs);
  }

  get queues(): readonly string[] {
    return [...this.#queues];
  }

  /** Undefined = all. */
  get runs(): readonly RunId[] | undefined {
    return this.#runs === undefined ? undefined : [...this.#runs];
  }

  /** A run that has ended. */
  exclude(run: RunId): void {
    this.#runs?.delete(run);
  }

  /** Task runs of these queues too, from now on. */
  includeQueues(queues: Iterable<string>): void {
    for (const queue of queues) this.#queues.add(queue);
  }

  /** A run that one of these has started. Who claims of all runs has it already, and keeps to its own queues. */
  include(run: RunId, queues: readonly string[]): void {
    if (this.#runs === undefined) return;
    this.#runs.add(run);
    this.includeQueues(queues);
  }
}
