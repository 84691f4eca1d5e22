import type { Ticks } from "./ticks.ts";
import { ticksOf } from "./ticks-of.ts";

/** A cron expression, and the IANA zone in which it is read. */
export interface CronInZone {
  readonly expression: string;
  readonly timezone: string;
}

/**
 * The instants at which a cron expression fires. Summer time as in semantics section 6 (DST-1 to DST-4). Throws
 * `invalid_definition` when the expression or the time zone is wrong.
 */
export function cronTicks({ expression, timezone }: CronInZone): Ticks {
  return ticksOf({ timing: { kind: "cron", expression }, timezone });
}

/** Throws `invalid_definition`, with what is wrong, unless expression and time zone are right (TI-7). */
export function checkCron(schedule: CronInZone): void {
  cronTicks(schedule);
}
