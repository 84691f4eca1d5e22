import type { Executor } from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import type { ScheduleStore } from "../store/schedule-store.ts";
import type { CompiledVersions } from "./compiled-versions.ts";
import { Poller } from "./poller.ts";
import { ScheduleMender } from "./schedule-mender.ts";
import { Scheduler } from "./scheduler.ts";
import type { DutyProblem, Service } from "./service.ts";
import { TimetableAsker } from "./timetable-asker.ts";

/** A schedule that has lost its wake-up has it again within a minute, however often others are looked for. */
const MENDING_MS = 30_000;

export interface SchedulingParts {
  readonly store: ScheduleStore;
  readonly versions: CompiledVersions;
  readonly executor: Pick<Executor, "nextTicks">;
  readonly clock: Clock;
  readonly pollMs: number;
  readonly onProblem: (problem: DutyProblem) => void;
}

/** The duties by which schedules fire, wired together. */
export class Scheduling implements Service {
  readonly #firing: Poller;
  readonly #asking: Poller;
  readonly #mending: Poller;

  /** @param onCreated called when runs were created */
  constructor({ store, versions, executor, clock, pollMs, onProblem }: SchedulingParts, onCreated: () => void) {
    const scheduler = new Scheduler(store, pollMs);
    const seldomMs = Math.max(pollMs, MENDING_MS);
    const asker = new TimetableAsker(store, versions, executor, seldomMs);
    const mender = new ScheduleMender(store, seldomMs);
    this.#firing = new Poller(scheduler, clock, onProblem);
    this.#asking = new Poller(asker, clock, onProblem);
    this.#mending = new Poller(mender, clock, onProblem);
    scheduler.onCreated = onCreated;
    scheduler.onAsks = () => this.#asking.wake();
    asker.onAnswered = () => this.wake();
    mender.onRestored = () => this.wake();
  }

  async start(): Promise<void> {
    for (const duty of [this.#mending, this.#asking, this.#firing]) await duty.start();
  }

  async stop(): Promise<void> {
    for (const duty of [this.#firing, this.#asking, this.#mending]) await duty.stop();
  }

  /** Schedules have changed: look now. */
  wake(): void {
    this.#firing.wake();
  }
}
