import { CronTicks } from "./cron-ticks.ts";
import { EveryTicks } from "./every-ticks.ts";
import type { TimingInZone } from "./schedule-spec.ts";
import type { Ticks } from "./ticks.ts";

/**
 * The ticks of a schedule. Those that do not hang on the calendar have none: `once`, `continuous` and `code` are decided
 * by what has happened, or by the user's own function. Throws `invalid_definition` when expression or zone is wrong.
 */
export function ticksOf({ timing, timezone }: TimingInZone): Ticks {
  switch (timing.kind) {
    case "cron":
      return new CronTicks({ expression: timing.expression, timezone });
    case "every":
      return new EveryTicks(timing, timezone);
    case "once":
    case "continuous":
    case "code":
      return NO_TICKS;
  }
}

const NO_TICKS: Ticks = {
  after: () => undefined,
  before: () => undefined,
  atOrBefore: () => undefined,
};
