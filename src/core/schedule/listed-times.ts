import type { TimeZone } from "../time-zone.ts";
import { parseCron } from "./cron-expression.ts";
import { CronWallTimes } from "./cron-wall-times.ts";
import { DayWallTimes } from "./day-wall-times.ts";
import type { Timing } from "./schedule-spec.ts";
import type { WallTimes } from "./wall-times.ts";

/** What a schedule lists on the wall clock, and how it takes days on which clocks are set. */
export interface ListedTimes {
  readonly times: WallTimes;
  /** Every real instant at which clocks show it; else once per local day. */
  readonly isWildcard: boolean;
}

/** Undefined for what does not go by the wall clock. Throws `invalid_definition` when the expression is wrong. */
export function listedTimes(timing: Timing, zone: TimeZone): ListedTimes | undefined {
  if (timing.kind === "cron") {
    const expression = parseCron(timing.expression);
    return { times: new CronWallTimes(expression), isWildcard: expression.isWildcard };
  }
  if (timing.kind !== "every_days") return undefined;
  const { days, anchor } = timing;
  const midnightOf1970 = 0;
  const from = anchor === undefined ? midnightOf1970 : zone.wallTime(anchor);
  return { times: new DayWallTimes({ days, anchor: from }), isWildcard: false };
}
