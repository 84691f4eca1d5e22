import { dayAfter } from "../calendar-date.ts";
import type { DataInterval, Instant } from "../instant.ts";
import type { TimeZone } from "../time-zone.ts";
import { IntervalRange } from "./interval-range.ts";
import type { ScheduleSpec } from "./schedule-spec.ts";
import type { Ticks } from "./ticks.ts";

/** Start and end of a schedule: dates select intervals by their `ds`, instants those wholly inside (TI-9). */
export class ScheduleBounds {
  readonly #spec: Pick<ScheduleSpec, "start" | "end">;
  readonly #zone: TimeZone;
  readonly #range: IntervalRange;

  constructor(spec: Pick<ScheduleSpec, "start" | "end">, zone: TimeZone) {
    this.#spec = spec;
    this.#zone = zone;
    this.#range = new IntervalRange(zone, { from: [], to: spec.end === undefined ? [] : [spec.end] });
  }

  /** From where on there may be intervals; undefined = since it was deployed. */
  get start(): Instant | undefined {
    const { start } = this.#spec;
    if (start === undefined) return undefined;
    return start.kind === "date" ? this.#zone.startOfDay(start.date) : start.at;
  }

  /** Of a date the midnight after it. */
  get end(): Instant | undefined {
    const { end } = this.#spec;
    if (end === undefined) return undefined;
    return end.kind === "date" ? this.#zone.startOfDay(dayAfter(end.date)) : end.at;
  }

  /** Where the first interval begins: with the first tick of its start, or the last one before it was deployed. */
  firstInterval(ticks: Ticks, origin: Instant): Instant | undefined {
    const { start } = this;
    return start === undefined ? (ticks.atOrBefore(origin) ?? origin) : ticks.after(start - 1);
  }

  /** The tick of the last interval; undefined where there is no end, or none before it. */
  lastTick(ticks: Ticks): Instant | undefined {
    const { end } = this;
    if (end === undefined) return undefined;
    return this.#spec.end?.kind === "date" ? ticks.after(end - 1) : ticks.atOrBefore(end);
  }

  isBeyond(interval: DataInterval): boolean {
    return this.#range.isAfter(interval);
  }
}
