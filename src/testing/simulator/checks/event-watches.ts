import type { PipelineSpec } from "../../../core/manifest.ts";
import type { AttemptOrder } from "../../../execution/executor.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import type { Commit } from "./commit.ts";
import { EventSensorWatch } from "./event-sensor-watch.ts";
import { EventTriggerWatch } from "./event-trigger-watch.ts";
import { SentEvents } from "./sent-events.ts";

export interface EventWatchesParts {
  readonly db: SqliteConnection;
  readonly findings: Findings;
  readonly probes: Probes;
  readonly pipelines: readonly PipelineSpec[];
  /** Once all is well whatever is due has happened this long after. */
  readonly slackMs: number;
  /** On the database's clock. */
  readonly now: () => number;
}

/** All that looks at events from outside, and at who takes them. */
export class EventWatches {
  readonly #sent: SentEvents;
  readonly #triggers: EventTriggerWatch;
  readonly #sensors: EventSensorWatch;
  readonly #now: () => number;

  constructor({ pipelines, slackMs, now, ...given }: EventWatchesParts) {
    this.#sent = new SentEvents(given.db, given.findings);
    const parts = { ...given, sent: this.#sent };
    this.#triggers = new EventTriggerWatch(parts, pipelines);
    this.#sensors = new EventSensorWatch(parts, slackMs);
    this.#now = now;
  }

  /** Once triggers are deployed. */
  begin(): void {
    this.#triggers.begin();
  }

  healed(): void {
    this.#sensors.healed(this.#now());
  }

  look(commit: Commit): void {
    const taken = this.#sent.look();
    this.#triggers.look(taken, commit, this.#now());
    this.#sensors.look(taken, commit);
  }

  started(order: AttemptOrder): void {
    this.#triggers.started(order);
  }

  /** What still waits for a run, in words. */
  waiting(): readonly string[] {
    return this.#triggers.waiting(this.#now());
  }
}
