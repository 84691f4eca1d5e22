import type { OpenHours } from "../../core/open-hours.ts";
import type { PoolLimit } from "../../core/pool-limit.ts";
import type { TickWindow } from "../../core/schedule/tick-filter.ts";
import { parseTimeOfDay, parseWeekdays } from "../../core/schedule/window-text.ts";
import { timeZone } from "../../core/time-zone.ts";

export const POOL_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** The pools of `batuta.json`; undefined when something of them is wrong. */
export function poolsOf(value: unknown): Readonly<Record<string, PoolLimit>> | undefined {
  const given = fieldsOf(value);
  if (given === undefined) return undefined;
  const pools = Object.entries(given).map(
    ([name, pool]) => [name, POOL_NAME.test(name) ? poolOf(pool) : undefined] as const,
  );
  const read = pools.flatMap(([name, pool]) => (pool === undefined ? [] : [[name, pool] as const]));
  return read.length === pools.length ? Object.fromEntries(read) : undefined;
}

export function isLimit(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= LIMIT_MAX;
}

export const LIMIT_MAX = 1_000_000;

function poolOf(value: unknown): PoolLimit | undefined {
  if (isLimit(value)) return value;
  const { slots, countDeferred = false, runOnlyBetween, ...strangers } = fieldsOf(value) ?? {};
  if (!isLimit(slots) || typeof countDeferred !== "boolean" || Object.keys(strangers).length > 0) return undefined;
  const own = { slots, ...(countDeferred ? { countDeferred } : {}) };
  if (runOnlyBetween === undefined) return own;
  const hours = hoursOf(runOnlyBetween);
  return hours === undefined ? undefined : { ...own, runOnlyBetween: hours };
}

/** One window, or several of one zone. */
function hoursOf(value: unknown): OpenHours | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const read = list.map(windowOf);
  const windows = read.flatMap((one) => one?.window ?? []);
  const [timezone, ...others] = new Set(read.map((one) => one?.timezone));
  if (timezone === undefined || others.length > 0 || windows.length < read.length) return undefined;
  return { timezone, windows };
}

function windowOf(value: unknown): { readonly timezone: string; readonly window: TickWindow } | undefined {
  const given = fieldsOf(value);
  if (given === undefined) return undefined;
  const { days, from = "00:00", to = "24:00", timezone = "UTC", ...strangers } = given;
  const [fromMinute, toMinute] = [from, to].map((time) =>
    typeof time === "string" ? parseTimeOfDay(time) : undefined,
  );
  const weekdays = typeof days === "string" ? parseWeekdays(days) : undefined;
  const areDaysWrong = days !== undefined && weekdays === undefined;
  if (fromMinute === undefined || toMinute === undefined || fromMinute === toMinute || areDaysWrong) return undefined;
  if (!isZone(timezone) || Object.keys(strangers).length > 0) return undefined;
  return { timezone, window: { ...(weekdays === undefined ? {} : { days: weekdays }), fromMinute, toMinute } };
}

function isZone(name: unknown): name is string {
  if (typeof name !== "string") return false;
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}

function fieldsOf(value: unknown): { readonly [name: string]: unknown } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
