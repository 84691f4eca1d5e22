import type { RunState } from "../core/state.ts";
import { isRunFinished } from "../core/state.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import type { Duty } from "./service.ts";

/** Tells those who wait for a run that it has ended: at once when it ended here, a poll later when elsewhere. */
export class RunWatch implements Duty {
  readonly name = "run-watch";
  readonly #store: Pick<Store, "run">;
  readonly #pollMs: number;
  readonly #waiting = new Map<RunId, ((state: RunState) => void)[]>();

  /** @param pollMs a run may be ended by another process, whose commit sends no hint here */
  constructor(store: Pick<Store, "run">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  /** Resolves with the final state; the caller wakes the duty. */
  whenEnded(run: RunId): Promise<RunState> {
    return new Promise((resolve) => {
      const waiters = this.#waiting.get(run) ?? [];
      this.#waiting.set(run, [...waiters, resolve]);
    });
  }

  /** A run that has just been seen to end. */
  ended(run: RunId, state: RunState): void {
    const waiters = this.#waiting.get(run) ?? [];
    this.#waiting.delete(run);
    for (const resolve of waiters) resolve(state);
  }

  async poll(): Promise<number> {
    for (const run of [...this.#waiting.keys()]) this.#look(await this.#store.run(run));
    return this.#pollMs;
  }

  #look(run: RunRecord | undefined): void {
    if (run !== undefined && isRunFinished(run.state)) this.ended(run.id, run.state);
  }
}
