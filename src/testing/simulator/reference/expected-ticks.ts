import type { ScheduleSpec } from "../../../core/schedule/schedule-spec.ts";
import { localMinute, referenceTicks } from "./reference-ticks.ts";

const DAY_MS = 86_400_000;
const MINUTES_OF_DAY = 1_440;

/** What is to become of a tick; `either` where the jitter, which only the program knows, decides. */
export interface ExpectedTick {
  readonly at: number;
  readonly fate: "run" | "missed" | "calendar" | "either";
}

export interface Decision {
  readonly spec: ScheduleSpec;
  /** Ticks after this are decided. */
  readonly from: number;
  /** Up to this. */
  readonly to: number;
  /** When it is decided. */
  readonly now: number;
}

/** TI-4, TI-8: what becomes of each tick that is decided now, by a reading of the rules that shares no code with core. */
export function expectedTicks({ spec, from, to, now }: Decision): readonly ExpectedTick[] {
  const ticks = referenceTicks(spec, from + 1, now).map((at) => ({
    at,
    age: ageOf(at, spec, now),
    isOpen: isOpen(at, spec),
  }));
  const late = ticks.filter(({ age, isOpen }) => age === "late" && isOpen).map(({ at }) => at);
  const kept = new Set(keptOf(late, spec));
  const isSure = ticks.every(({ age }) => age !== "unsure");
  return ticks.flatMap(({ at, age, isOpen }): ExpectedTick[] => {
    if (at > to) return [];
    if (!isOpen) return [{ at, fate: "calendar" }];
    if (age === "fresh") return [{ at, fate: "run" }];
    // Whether the newest of the late ones is one that may be late.
    if (age === "unsure" || (!isSure && hangsOnNumber(spec))) return [{ at, fate: "either" }];
    return [{ at, fate: kept.has(at) ? "run" : "missed" }];
  });
}

/** The last tick at or before an instant, in the two days before it; the instant itself where there is none. */
export function tickAtOrBefore(spec: ScheduleSpec, at: number): number {
  return referenceTicks(spec, at - 2 * DAY_MS, at).at(-1) ?? at;
}

function ageOf(at: number, { graceMs, jitterMs = 0 }: ScheduleSpec, now: number): "fresh" | "late" | "unsure" {
  if (now - at < graceMs) return "fresh";
  return now - jitterMs - at >= graceMs ? "late" : "unsure";
}

function hangsOnNumber({ catchUp }: ScheduleSpec): boolean {
  return catchUp !== "all" && catchUp !== "none";
}

function keptOf(late: readonly number[], { catchUp }: ScheduleSpec): readonly number[] {
  if (catchUp === "all") return late;
  if (catchUp === "none") return [];
  if (catchUp === "latest" || catchUp === "coalesce") return late.slice(-1);
  return late.slice(-catchUp.max);
}

function isOpen(at: number, { filter, timezone }: ScheduleSpec): boolean {
  const { windows, blackout = [], holidays = [] } = filter ?? {};
  if (blackout.length > 0 || holidays.length > 0) throw new Error("The reference knows windows alone.");
  if (windows === undefined) return true;
  const local = localMinute(at, timezone);
  const minute = local % MINUTES_OF_DAY;
  const day = new Date(local * 60_000).getUTCDay();
  return windows.some(({ days, fromMinute, toMinute }) => {
    const falls = (on: number): boolean => days === undefined || days.includes(on);
    if (fromMinute < toMinute) return falls(day) && minute >= fromMinute && minute < toMinute;
    // Over midnight it belongs to the day on which it has begun.
    return (falls(day) && minute >= fromMinute) || (falls((day + 6) % 7) && minute < toMinute);
  });
}
