import { CronPattern } from "croner";
import { closestName } from "../closest-name.ts";
import { BatutaError } from "../problem.ts";
import { CronDays } from "./cron-days.ts";
import type { CronFields } from "./cron-wall-times.ts";

export interface CronExpression extends CronFields {
  /** Minute or hour begins with `*`: it means every real instant, not times of the day. */
  readonly isWildcard: boolean;
}

/**
 * Reads five fields, six with seconds first, or a name such as `@daily` (TI-7). The library reads the fields; what they
 * mean together is ours. Throws `invalid_definition`, which names the field that is wrong, or says that no day is ever
 * meant.
 */
export function parseCron(text: string): CronExpression {
  const fields = fieldsOf(text);
  if (fields.length < 5 || fields.length > 6) throw wrongCount(text, fields.length);
  const parts = fields.length === 5 ? ["0", ...fields] : fields;
  const wrong = parts.findIndex((part, index) => NO_SUCH_SIGN[index]?.test(part));
  const pattern = wrong < 0 ? read(parts) : undefined;
  if (pattern === undefined) throw wrongField(text, parts, wrong < 0 ? faultyField(parts) : wrong);
  const expression = meaning(pattern, parts);
  if (new CronDays(expression).next(0) === undefined) throw neverFires(text);
  return expression;
}

/** As in crontab(5). */
const NAMES = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

const FIELDS = [
  ["second", 'It takes 0 to 59: "30", a list "0,30", a range "0-29", or a step "*/15".'],
  ["minute", 'It takes 0 to 59: "30", a list "0,30", a range "0-29", or a step "*/15" or "5-59/10".'],
  ["hour", 'It takes 0 to 23: "6", a list "6,18", a range "8-17", or a step "*/2" or "8-18/2".'],
  ["day of month", 'It takes 1 to 31, "L" for the last day, "15W" for the weekday nearest to the 15th, or "LW".'],
  ["month", 'It takes 1 to 12 or JAN to DEC: "1", a list "JAN,JUL", a range "4-9", or a step "*/3".'],
  [
    "day of week",
    'It takes 0 to 7 or SUN to SAT (0 and 7 are Sunday): "MON-FRI", "5#3" for the third Friday, "5L" for the last.',
  ],
] as const;

/** The library would take them: `?` means `*` in day fields alone, as in Quartz, and nothing joins two fields. */
const NO_SUCH_SIGN = [/\?/, /\?/, /\?/, /[?].|.[?]|\+/, /\?/, /[?].|.[?]|\+/] as const;

function fieldsOf(text: string): readonly string[] {
  const trimmed = text.trim();
  const expression = trimmed.startsWith("@") ? NAMES.get(trimmed.toLowerCase()) : trimmed;
  if (expression === undefined) throw unknownName(trimmed);
  return expression === "" ? [] : expression.split(/\s+/);
}

function read(parts: readonly string[]): CronPattern | undefined {
  try {
    return new CronPattern(parts.join(" "), undefined, { mode: "6-part" });
  } catch {
    return undefined;
  }
}

/** The first that is wrong among fields that are not. */
function faultyField(parts: readonly string[]): number {
  return parts.findIndex((part, index) => read(FIELDS.map((_, other) => (other === index ? part : "*"))) === undefined);
}

function meaning(pattern: CronPattern, parts: readonly string[]): CronExpression {
  const [, minute = "", hour = "", day = "", , weekday = ""] = parts;
  return {
    seconds: listed(pattern.second),
    minutes: listed(pattern.minute),
    hours: listed(pattern.hour),
    months: pattern.month.map(Boolean),
    days: pattern.day.map(Boolean),
    nearestWeekdays: listed(pattern.nearestWeekdays).map((index) => index + 1),
    hasLastDay: pattern.lastDayOfMonth,
    hasLastWeekday: pattern.lastWeekday,
    weekdays: pattern.dayOfWeek.slice(0, 7),
    isEither: !isOpen(day) && !isOpen(weekday),
    isWildcard: minute.startsWith("*") || hour.startsWith("*"),
  };
}

/** Restricts nothing, or only thins out: a day must then be in both fields, as in Vixie cron. */
function isOpen(field: string): boolean {
  return field.startsWith("*") || field === "?";
}

function listed(flags: readonly number[]): readonly number[] {
  return flags.flatMap((flag, index) => (flag === 0 ? [] : [index]));
}

function unknownName(name: string): BatutaError {
  const known = [...NAMES.keys(), "@once", "@continuous"];
  const meant = closestName(name.toLowerCase(), known);
  const hint = name.toLowerCase().startsWith("@every")
    ? 'Equal steps have a function of their own: every("10m").'
    : meant === undefined
      ? `Names are ${known.join(", ")}.`
      : `Did you mean "${meant}"?`;
  return new BatutaError("invalid_definition", `The schedule ${shown(name)} is no name of a schedule.`, { hint });
}

function wrongCount(text: string, count: number): BatutaError {
  const fields = `${count} field${count === 1 ? "" : "s"}`;
  return new BatutaError("invalid_definition", `The schedule ${shown(text)} has ${fields}, not five or six.`, {
    hint: 'The fields are minute, hour, day of month, month, day of week; six begin with the second. "0 6 * * *" is every day at 06:00.',
  });
}

function wrongField(text: string, parts: readonly string[], index: number): BatutaError {
  const [name, hint] = FIELDS[index] ?? ["expression", 'Write five fields: "0 6 * * *".'];
  const field = parts[index] ?? text;
  return new BatutaError(
    "invalid_definition",
    `The ${name} of the schedule ${shown(text)} is wrong: ${shown(field)}.`,
    { hint },
  );
}

function neverFires(text: string): BatutaError {
  return new BatutaError("invalid_definition", `The schedule ${shown(text)} never fires.`, {
    hint: 'No year has such a day of month in such a month. "L" is the last day of a month, whatever its length.',
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);
}

const SHOWN_MAX = 80;
