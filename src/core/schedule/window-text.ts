import type { TickWindow } from "./tick-filter.ts";

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const DAY_MINUTES = 1_440;

/** Minutes after midnight of `"08:00"`, up to `"24:00"`; undefined when it is no time of day. */
export function parseTimeOfDay(text: string): number | undefined {
  const [, hour = "", minute = ""] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  const found = Number(hour) * 60 + Number(minute);
  return hour !== "" && Number(minute) < 60 && found <= DAY_MINUTES ? found : undefined;
}

/** Numbers of the days in `"mon-fri"` or `"sat,sun"`, ascending; `fri-mon` goes over the weekend. */
export function parseWeekdays(text: string): readonly number[] | undefined {
  const found = new Set<number>();
  for (const part of text.toLowerCase().split(",")) {
    const [first = -1, last = first, ...rest] = part.split("-").map((day) => DAYS.indexOf(day.trim()));
    if (first < 0 || last < 0 || rest.length > 0) return undefined;
    const count = ((last - first + 7) % 7) + 1;
    for (let day = first; day < first + count; day++) found.add(day % 7);
  }
  return [...found].sort((one, other) => one - other);
}

/** `mon,tue 08:00-18:00`, which `parseWindow` reads. */
export function windowText({ days, fromMinute, toMinute }: TickWindow): string {
  const hours = `${timeOfDay(fromMinute)}-${timeOfDay(toMinute)}`;
  return days === undefined ? hours : `${daysText(days)} ${hours}`;
}

export function parseWindow(text: string): TickWindow | undefined {
  const [hours = "", days] = text.split(" ").reverse();
  const [fromMinute, toMinute] = hours.split("-").map(parseTimeOfDay);
  const weekdays = days === undefined ? undefined : parseWeekdays(days);
  if (fromMinute === undefined || toMinute === undefined || (days !== undefined && weekdays === undefined))
    return undefined;
  return { ...(weekdays === undefined ? {} : { days: weekdays }), fromMinute, toMinute };
}

/** Neighbours as a range: `mon-fri`. */
function daysText(days: readonly number[]): string {
  const names = days.map((day) => DAYS[day] ?? "");
  const isRange = days.length > 2 && days.every((day, index) => day === (days[0] ?? 0) + index);
  return isRange ? `${names[0]}-${names.at(-1)}` : names.join(",");
}

function timeOfDay(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
