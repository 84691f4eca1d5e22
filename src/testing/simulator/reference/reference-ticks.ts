import type { ScheduleSpec } from "../../../core/schedule/schedule-spec.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

type Timed = Pick<ScheduleSpec, "timing" | "timezone">;

/**
 * The ticks of a schedule from one instant to another, both included, by looking at every real minute: what the rules of
 * daylight saving say, told as simply as can be. Cron expressions have five fields of numbers, lists and steps.
 */
export function referenceTicks(timed: Timed, fromMs: number, toMs: number): readonly number[] {
  const found: number[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS <= toMs; day++) found.push(...ticksOfDay(timed, day));
  return found.filter((tick) => tick >= fromMs && tick <= toMs);
}

const DAYS = new Map<string, readonly number[]>();

/** Worlds are about the same few days: each day is looked at once. */
function ticksOfDay(timed: Timed, day: number): readonly number[] {
  const name = JSON.stringify([timed.timing, timed.timezone, day]);
  const known = DAYS.get(name) ?? walk(timed, day * DAY_MS, (day + 1) * DAY_MS - 1);
  DAYS.set(name, known);
  return known;
}

function walk({ timing, timezone }: Timed, fromMs: number, toMs: number): readonly number[] {
  if (timing.kind === "every") return stepsOf(timing.ms, timezone, { fromMs, toMs });
  if (timing.kind !== "cron") throw new Error(`There is no reference for schedules of kind ${timing.kind}.`);
  const fields = readFields(timing.expression);
  // A fixed time that the clock leaves out is made up for after the gap, so the look begins a day before.
  const first = Math.floor((fromMs - DAY_MS) / MINUTE_MS) * MINUTE_MS;
  const found: number[] = [];
  let shown = localMinute(first - MINUTE_MS, timezone);
  for (let at = first; at <= toMs; at += MINUTE_MS) {
    const local = localMinute(at, timezone);
    if (isWildcard(timing.expression) ? matches(fields, local) : someMatch(fields, shown, local)) found.push(at);
    shown = Math.max(shown, local);
  }
  return found.filter((tick) => tick >= fromMs);
}

/** Counted from the midnight that began 1970 there. */
function stepsOf(ms: number, timezone: string, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) {
  const anchor = -localMinute(0, timezone) * MINUTE_MS;
  const found: number[] = [];
  for (let tick = anchor + Math.ceil((fromMs - anchor) / ms) * ms; tick <= toMs; tick += ms) found.push(tick);
  return found;
}

/** As in Vixie cron: a star where minutes or hours begin. */
function isWildcard(expression: string): boolean {
  const [minute = "", hour = ""] = expression.split(" ");
  return minute.startsWith("*") || hour.startsWith("*");
}

/** Whether a listed time lies after what the clock has shown already, up to what it shows now. */
function someMatch(fields: Fields, after: number, upTo: number): boolean {
  for (let local = after + 1; local <= upTo; local++) if (matches(fields, local)) return true;
  return false;
}

type Field = ReadonlySet<number> | "any";

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

function readFields(expression: string): Fields {
  const [minute, hour, day, month, weekday] = expression.split(" ").map(readField);
  if (minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined)
    throw new Error(`${expression} has not five fields.`);
  return { minute, hour, day, month, weekday };
}

function readField(text: string): Field {
  if (text === "*") return "any";
  const [range = "", step] = text.split("/");
  if (step === undefined) return new Set(range.split(",").map(Number));
  return new Set(Array.from({ length: 60 }, (_, value) => value).filter((value) => value % Number(step) === 0));
}

/** `local` counts the minutes of a wall clock from 1970 on. */
function matches({ minute, hour, day, month, weekday }: Fields, local: number): boolean {
  const date = new Date(local * MINUTE_MS);
  return (
    has(minute, date.getUTCMinutes()) &&
    has(hour, date.getUTCHours()) &&
    has(day, date.getUTCDate()) &&
    has(month, date.getUTCMonth() + 1) &&
    has(weekday, date.getUTCDay())
  );
}

function has(field: Field, value: number): boolean {
  return field === "any" || field.has(value);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
const MINUTES = new Map<string, number>();

/** What the wall clock shows, in minutes from 1970 on. */
export function localMinute(at: number, timezone: string): number {
  // No zone has changed its offset within a quarter of an hour since 1972.
  const quarter = Math.floor(at / (15 * MINUTE_MS)) * 15 * MINUTE_MS;
  const name = `${timezone} ${quarter}`;
  const known = MINUTES.get(name) ?? shownMinute(quarter, timezone);
  MINUTES.set(name, known);
  return known + Math.floor((at - quarter) / MINUTE_MS);
}

function shownMinute(at: number, timezone: string): number {
  const format = FORMATS.get(timezone) ?? newFormat(timezone);
  FORMATS.set(timezone, format);
  const shown = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute")) / MINUTE_MS;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const numbers = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  return new Intl.DateTimeFormat("en-US", { timeZone, hourCycle: "h23", ...numbers });
}
