import { timeZone } from "../time-zone.ts";
import { cronTicks } from "./cron-ticks.ts";
import { DayWallTimes } from "./day-wall-times.ts";
import { EveryTicks } from "./every-ticks.ts";
import { FixedTicks } from "./fixed-ticks.ts";
import type { Timing, TimingInZone } from "./schedule-spec.ts";
import type { Ticks } from "./ticks.ts";

/**
 * The ticks of a schedule. Those that do not hang on the calendar have none: `once`, `continuous` and `code` are decided
 * by what has happened, or by the user's own function. Throws `invalid_definition` when expression or zone is wrong.
 */
export function ticksOf({ timing, timezone }: TimingInZone): Ticks {
  switch (timing.kind) {
    case "cron":
      return cronTicks({ expression: timing.expression, timezone });
    case "every":
      return new EveryTicks(timing, timezone);
    case "every_days":
      return dayTicks(timing, timezone);
    case "once":
    case "continuous":
    case "code":
      return NO_TICKS;
  }
}

/** A step of days keeps the wall clock, so it is a fixed time of day. */
function dayTicks({ days, anchor }: Extract<Timing, { kind: "every_days" }>, timezone: string): Ticks {
  const zone = timeZone(timezone);
  const midnightOf1970 = 0;
  return new FixedTicks(
    zone,
    new DayWallTimes({ days, anchor: anchor === undefined ? midnightOf1970 : zone.wallTime(anchor) }),
  );
}

const NO_TICKS: Ticks = {
  after: () => undefined,
  before: () => undefined,
  atOrBefore: () => undefined,
};
