import type { Instant } from "../instant.ts";
import { dateText, type TimeZone, type WallTime } from "../time-zone.ts";

/** Which ticks of a schedule make runs; all texts are local to the schedule's zone (TI-8). */
export interface TickFilter {
  /** A tick must fall into one of them. */
  readonly windows?: readonly TickWindow[];
  /** Dates without runs, `from` and `to` inclusive. */
  readonly blackout?: readonly DateRange[];
  /** The file of a business calendar, by its path from the project folder. */
  readonly calendar?: string;
  /** Its holidays, ascending, as they were when the project was compiled: dates without runs. */
  readonly holidays?: readonly string[];
}

/** Hours of certain days. It may go over midnight: then it belongs to the day on which it begins. */
export interface TickWindow {
  /** 0 = Sunday … 6 = Saturday, ascending; absent = every day. */
  readonly days?: readonly number[];
  /** Minutes after midnight, from 0; `toMinute` is not in the window any more. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** `YYYY-MM-DD` */
export interface DateRange {
  readonly from: string;
  readonly to: string;
}

/** Why a tick makes no run. */
export type FilterReason =
  | { readonly by: "windows" }
  | { readonly by: "blackout"; readonly range: DateRange }
  | { readonly by: "holiday"; readonly date: string };

/** What of a filter holds a tick back, judged by the local time at which it fires; undefined = it passes. */
export function filterReason(filter: TickFilter, zone: TimeZone, tick: Instant): FilterReason | undefined {
  const wall = zone.wallTime(tick);
  const date = dateText(wall);
  const range = filter.blackout?.find(({ from, to }) => from <= date && date <= to);
  if (range !== undefined) return { by: "blackout", range };
  if (filter.holidays?.includes(date) === true) return { by: "holiday", date };
  if (filter.windows?.some((window) => isWithin(window, wall)) === false) return { by: "windows" };
  return undefined;
}

/** For people: `held back by the blackout 2024-12-24 to 2024-12-31`. */
export function filterReasonText(reason: FilterReason): string {
  switch (reason.by) {
    case "windows":
      return "outside the windows of the schedule";
    case "blackout":
      return reason.range.from === reason.range.to
        ? `held back by the blackout of ${reason.range.from}`
        : `held back by the blackout from ${reason.range.from} to ${reason.range.to}`;
    case "holiday":
      return `${reason.date} is a holiday of the business calendar`;
  }
}

function isWithin({ days, fromMinute, toMinute }: TickWindow, wall: WallTime): boolean {
  const day = Math.floor(wall / (DAY_MINUTES * MINUTE_MS));
  const minute = Math.floor(wall / MINUTE_MS) - day * DAY_MINUTES;
  const isDay = (back: number): boolean =>
    days === undefined || days.includes(new Date(wall - back * DAY_MINUTES * MINUTE_MS).getUTCDay());
  if (fromMinute < toMinute) return isDay(0) && fromMinute <= minute && minute < toMinute;
  return (isDay(0) && fromMinute <= minute) || (isDay(1) && minute < toMinute);
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
