import type { Instant } from "../core/instant.ts";
import type { TaskSpec } from "../core/manifest.ts";
import { lostPollMs } from "../core/sensors/poll-plan.ts";
import type { TaskRunRow } from "./rows.ts";
import type { WatchInsert } from "./watch-table.ts";

/** The waits of sensors that begin and end with the moves of one transaction. Without sensors there are none. */
export class Watches {
  readonly #now: Instant;
  readonly #begun = new Map<number, WatchInsert>();
  /** Generation by task run. */
  readonly #ended = new Map<number, number>();

  constructor(now: Instant) {
    this.#now = now;
  }

  get begun(): readonly WatchInsert[] {
    return [...this.#begun.values()];
  }

  get ended(): readonly number[] {
    return [...this.#ended.keys()];
  }

  /** One that is taken back to its rule and let go again in the same transaction has waited on: its deadline stays. */
  begin({ key: taskRunKey, runKey, generation }: TaskRunRow, { execution, queue }: TaskSpec, project: string): void {
    if (execution.via !== "sensor") return;
    const ended = this.#ended.get(taskRunKey);
    this.#ended.delete(taskRunKey);
    if (ended === generation) return;
    const { timeoutMs } = execution.sensor;
    const place = { taskRunKey, runKey, generation, project, queue };
    this.#begun.set(taskRunKey, { ...place, token: this.#now, lostPollMs: lostPollMs(execution.sensor), timeoutMs });
  }

  end({ key, generation }: TaskRunRow): void {
    if (!this.#begun.delete(key)) this.#ended.set(key, generation);
  }
}
