import { FileWatch, type FileWatchParts } from "./file-watch.ts";
import { Poller } from "./poller.ts";
import type { DutyProblem, Service } from "./service.ts";
import { type TriggerParts, TriggerWatch } from "./trigger-watch.ts";

/** Triggers that another process has deployed have their files looked for so many polls later at the latest. */
const IDLE_POLLS = 40;

export interface TriggeringParts extends TriggerParts {
  readonly store: TriggerParts["store"] & FileWatchParts["store"];
  readonly executor: TriggerParts["executor"] & FileWatchParts["executor"];
  readonly project: string;
  readonly pollMs: number;
  readonly onProblem: (problem: DutyProblem) => void;
}

/** The duties by which events and files start runs, wired together. */
export class Triggering implements Service {
  readonly #firing: Poller;
  readonly #looking: Poller;

  /** @param onFired called when runs were created */
  constructor(parts: TriggeringParts, onFired: () => void) {
    const { project, pollMs, clock, onProblem } = parts;
    const triggers = new TriggerWatch(parts, project, pollMs);
    const files = new FileWatch(parts, project, pollMs * IDLE_POLLS);
    this.#firing = new Poller(triggers, clock, onProblem);
    this.#looking = new Poller(files, clock, onProblem);
    triggers.onFired = onFired;
    files.onAnswer = () => this.#looking.wake();
    files.onFound = () => this.#firing.wake();
  }

  async start(): Promise<void> {
    for (const duty of [this.#firing, this.#looking]) await duty.start();
  }

  async stop(): Promise<void> {
    for (const duty of [this.#looking, this.#firing]) await duty.stop();
  }

  /** Events may have come: look now. */
  wake(): void {
    this.#firing.wake();
  }

  /** Triggers have changed: look for their files now. */
  lookForFiles(): void {
    this.#looking.wake();
  }
}
