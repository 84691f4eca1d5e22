import { Cron } from "croner";
import type { Instant } from "../instant.ts";
import { BatutaError } from "../problem.ts";
import type { SourceLocation } from "../source-location.ts";
import { checkTimezone } from "../time-zone.ts";
import type { Ticks } from "./ticks.ts";

/** A cron expression, and the IANA zone in which it is read. */
export interface CronInZone {
  readonly expression: string;
  readonly timezone: string;
}

/** The instants at which a cron expression fires. Summer time as in semantics section 6 (DST-1 to DST-4). */
export class CronTicks implements Ticks {
  readonly #cron: Cron;

  /** Throws `invalid_definition` when the expression or the time zone is wrong. */
  constructor(schedule: CronInZone, location?: SourceLocation) {
    this.#cron = compileCron(schedule, location);
  }

  atOrBefore(instant: Instant): Instant | undefined {
    // Ticks fall on whole seconds, and the library looks strictly before.
    return this.before(Math.floor(instant / 1_000) * 1_000 + 1_000);
  }

  before(instant: Instant): Instant | undefined {
    return this.#cron.previousRuns(1, new Date(instant))[0]?.getTime();
  }

  after(instant: Instant): Instant | undefined {
    return this.#cron.nextRun(new Date(instant))?.getTime();
  }
}

/** Throws `invalid_definition`, with what is wrong, unless expression and time zone are right (TI-7). */
export function checkCron(schedule: CronInZone, location?: SourceLocation): void {
  compileCron(schedule, location);
}

/** Five fields, six with seconds, or `@daily` and the like. Never started: it only answers questions. */
function compileCron({ expression, timezone }: CronInZone, location: SourceLocation | undefined): Cron {
  checkTimezone(timezone);
  try {
    return new Cron(expression, { timezone, paused: true, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" });
  } catch (error) {
    const fault = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    throw new BatutaError(
      "invalid_definition",
      `The schedule ${JSON.stringify(expression)} is wrong: ${fault.replace(/\.$/, "")}.`,
      {
        hint: 'Five fields: minute, hour, day of month, month, day of week. "0 6 * * *" is every day at 06:00.',
        ...(location === undefined ? {} : { location }),
      },
    );
  }
}
