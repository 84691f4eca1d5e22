import type { ScheduleStore } from "../store/schedule-store.ts";
import type { Duty } from "./service.ts";

/** Gives schedules their wake-up back that have lost it (I21): no cause is known, so it is looked for now and then. */
export class ScheduleMender implements Duty {
  readonly name = "schedule-mender";
  readonly #store: Pick<ScheduleStore, "restoreSchedules">;
  readonly #pollMs: number;
  /** Woken when some have it again. */
  onRestored: () => void = () => {};

  constructor(store: Pick<ScheduleStore, "restoreSchedules">, pollMs: number) {
    this.#store = store;
    this.#pollMs = pollMs;
  }

  async poll(): Promise<number> {
    if ((await this.#store.restoreSchedules()) > 0) this.onRestored();
    return this.#pollMs;
  }
}
