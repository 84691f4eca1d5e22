import { checkCron } from "../core/schedule/cron-ticks.ts";
import { DEFAULT_GRACE_MS, DEFAULT_SCHEDULE, type ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { callSite } from "./call-site.ts";
import { checkOptionNames, locatedAt, textOf } from "./option-values.ts";

/**
 * A cron schedule, read in its time zone.
 *
 * @example
 * const schedule: Schedule = cron("0 6 * * *", { timezone: "Europe/Berlin" });
 */
export interface Schedule extends Omit<ScheduleSpec, "params"> {
  readonly batuta: "schedule";
}

/**
 * Five fields (minute, hour, day of month, month, day of week), six with seconds first, or a name such as `@daily`.
 * The run made at a tick works on the interval from the tick before to this one.
 *
 * @example
 * pipeline("daily_sales_report", { schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }) }, build);
 */
export function cron(expression: string, options: { readonly timezone?: string } = {}): Schedule {
  const at = callSite(cron);
  checkOptionNames(options, ["timezone"], "cron(…)", at);
  const timezone = options.timezone ?? "UTC";
  const timing = { kind: "cron", expression: textOf(expression, "The expression of cron(…)", at).trim() } as const;
  locatedAt(at, () => checkCron({ expression: timing.expression, timezone }));
  return Object.freeze({
    batuta: "schedule",
    name: DEFAULT_SCHEDULE,
    ...{ timezone, timing, catchUp: "latest", graceMs: DEFAULT_GRACE_MS, enabled: true },
  });
}

export function isSchedule(candidate: unknown): candidate is Schedule {
  return (
    typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "schedule"
  );
}
