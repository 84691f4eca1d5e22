import { timeZone } from "../time-zone.ts";
import { TicksOfCalendar } from "./calendar-end.ts";
import { EveryTicks } from "./every-ticks.ts";
import { FixedTicks } from "./fixed-ticks.ts";
import { listedTimes } from "./listed-times.ts";
import type { TimingInZone } from "./schedule-spec.ts";
import type { Ticks } from "./ticks.ts";
import { WildcardTicks } from "./wildcard-ticks.ts";

/**
 * The ticks of a schedule. Those that do not hang on the calendar have none: `once`, `continuous` and `code` are decided
 * by what has happened, or by the user's own function. Throws `invalid_definition` when expression or zone is wrong.
 */
export function ticksOf(timing: TimingInZone): Ticks {
  return new TicksOfCalendar(endlessTicksOf(timing));
}

function endlessTicksOf({ timing, timezone }: TimingInZone): Ticks {
  if (timing.kind === "every") return new EveryTicks(timing, timezone);
  const zone = timeZone(timezone);
  const listed = listedTimes(timing, zone);
  if (listed === undefined) return NO_TICKS;
  return listed.isWildcard ? new WildcardTicks(zone, listed.times) : new FixedTicks(zone, listed.times);
}

const NO_TICKS: Ticks = {
  after: () => undefined,
  before: () => undefined,
  atOrBefore: () => undefined,
};
