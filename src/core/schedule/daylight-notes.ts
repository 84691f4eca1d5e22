import type { DataInterval, Instant } from "../instant.ts";
import { dateText, type TimeZone, type WallTime } from "../time-zone.ts";
import type { ClockShift } from "../zone-offsets.ts";
import { type ListedTimes, listedTimes } from "./listed-times.ts";
import type { Timing } from "./schedule-spec.ts";

/** What people should know of a tick near a day on which clocks are set. */
export interface DaylightNote {
  /** `gap`: clocks leave its time out. `fold`: they show it twice. `length`: the interval has other hours than usual. */
  readonly kind: "gap" | "fold" | "length";
  readonly text: string;
}

/** Notes on the tick that ends an interval, and on the interval. */
export function daylightNotes(timing: Timing, zone: TimeZone, interval: DataInterval): readonly DaylightNote[] {
  const listed = listedTimes(timing, zone);
  const notes = [
    listed === undefined || listed.isWildcard ? undefined : gapNote(listed, zone, interval.end),
    foldNote(listed, zone, interval.end),
    listed === undefined || listed.isWildcard ? undefined : lengthNote(listed, zone, interval),
  ];
  return notes.filter((note) => note !== undefined);
}

/** It fires at the end of a gap, and is listed within. */
function gapNote({ times }: ListedTimes, zone: TimeZone, tick: Instant): DaylightNote | undefined {
  const shift = zone.firstShift(tick - 1, tick);
  if (shift === undefined || shift.after <= shift.before) return undefined;
  const [from, to] = [tick + shift.before, tick + shift.after];
  const wall = times.next(from - 1);
  if (wall === undefined || wall >= to || zone.firstInstant(wall) !== tick) return undefined;
  const jump = `the clocks go from ${timeText(from)} to ${timeText(to)}`;
  return {
    kind: "gap",
    text: `${timeText(wall)} is missing on ${dateText(wall)}: ${jump}, so it fires at ${timeText(to)}`,
  };
}

function foldNote(listed: ListedTimes | undefined, zone: TimeZone, tick: Instant): DaylightNote | undefined {
  const wall = zone.wallTime(tick);
  const twice = `${timeText(wall)} comes twice on ${dateText(wall)}`;
  const isFixed = listed?.isWildcard === false;
  if (isAgain(zone.lastShift(tick - DAY_MS, tick), wall)) return { kind: "fold", text: `${twice}: this is the second` };
  if (!isAgain(zone.firstShift(tick, tick + DAY_MS), wall)) return undefined;
  return { kind: "fold", text: `${twice}: ${isFixed ? "it fires at the first" : "this is the first"}` };
}

/** Whether clocks that are set back show a wall time on either side of it. */
function isAgain(shift: ClockShift | undefined, wall: WallTime): boolean {
  return shift !== undefined && wall >= shift.at + shift.after && wall < shift.at + shift.before;
}

/** Its listed times are as far apart as ever; the instants at which they come are not. */
function lengthNote({ times }: ListedTimes, zone: TimeZone, { start, end }: DataInterval): DaylightNote | undefined {
  const listedAt = (tick: Instant): WallTime => times.previous(zone.latestWallTime(tick) + 1) ?? 0;
  const shift = zone.firstShift(start - 1, end);
  if (shift === undefined || listedAt(end) - listedAt(start) === end - start) return undefined;
  const way = shift.after > shift.before ? "forward" : "back";
  const date = dateText(shift.at + shift.before);
  const hours = Number(((end - start) / 3_600_000).toFixed(2));
  return { kind: "length", text: `an interval of ${hours} hours: the clocks go ${way} on ${date}` };
}

const DAY_MS = 86_400_000;

function timeText(wall: WallTime): string {
  const text = new Date(wall).toISOString().slice(11, 19);
  return text.endsWith(":00") ? text.slice(0, 5) : text;
}
