import type { ScheduleSpec } from "../core/manifest.ts";
import { callSite, definitionError } from "./call-site.ts";
import { checkOptionNames } from "./option-values.ts";

/**
 * A cron schedule, read in its time zone.
 *
 * @example
 * const schedule: Schedule = cron("0 6 * * *", { timezone: "Europe/Berlin" });
 */
export interface Schedule extends ScheduleSpec {
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
  if (typeof expression !== "string" || !looksLikeCron(expression.trim())) {
    const hint = 'Write "minute hour day month weekday", such as "0 6 * * *", or a name such as "@daily".';
    throw definitionError(`${JSON.stringify(expression)} is no cron expression.`, at, hint);
  }
  if (!isTimeZone(timezone)) {
    const hint = 'Use an IANA name such as "Europe/Berlin" or "UTC".';
    throw definitionError(`${JSON.stringify(timezone)} is no time zone.`, at, hint);
  }
  return Object.freeze({ batuta: "schedule", cron: expression.trim(), timezone });
}

export function isSchedule(candidate: unknown): candidate is Schedule {
  return (
    typeof candidate === "object" && candidate !== null && "batuta" in candidate && candidate.batuta === "schedule"
  );
}

const CRON_NAMES = ["@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];
const CRON_FIELD = /^[\d*?/,\-#LWA-Z]+$/i;

/** The shape alone; ranges and names are judged by the cron library when the project is compiled. */
function looksLikeCron(expression: string): boolean {
  if (expression.startsWith("@")) return CRON_NAMES.includes(expression);
  const fields = expression.split(/\s+/);
  return (fields.length === 5 || fields.length === 6) && fields.every((field) => CRON_FIELD.test(field));
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
