import type { ScheduleStore } from "../store/schedule-store.ts";
import type { Duty } from "./service.ts";

/** Creates the runs of schedules when they are due. */
export class Scheduler implements Duty {
  readonly name = "scheduler";
  readonly #store: Pick<ScheduleStore, "fireSchedules">;
  readonly #pollMs: number;
  /** Woken when runs were created. */
  onCreated: () => void = () => {};
  /** Woken when functions of schedules are to be asked. */
  onAsks: () => void = () => {};

  /** @param pollMs what others deploy, resume or end on the same store is seen at the latest after this long */
  constructor(store: Pick<ScheduleStore, "fireSchedules">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    const { created, nextInMs, asks } = await this.#store.fireSchedules();
    if (created > 0) this.onCreated();
    if (asks) this.onAsks();
    return Math.min(nextInMs ?? this.#pollMs, this.#pollMs);
  }
}
