import type { Instant } from "./instant.ts";

/** A moment at which the clocks of a zone are set. */
export interface ClockShift {
  /** The first instant with the new offset. */
  readonly at: Instant;
  /** Wall time minus UTC, in milliseconds, before and from then on. */
  readonly before: number;
  readonly after: number;
}

/**
 * The offsets of one IANA zone, as `Intl` tells them, remembered in cells of three days. No zone has ever set its clocks
 * twice within less (the nearest two were 3.98 days apart, Freetown in 1939; `npm run test:zones` looks at all of them),
 * so a cell with equal offsets at its ends has no shift, and any other has one.
 */
export class ZoneOffsets {
  readonly #format: Intl.DateTimeFormat;
  /** By number of the cell. */
  readonly #cells = new Map<number, ClockShift>();

  /** Throws a `RangeError` when there is no such zone. */
  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  }

  at(instant: Instant): number {
    const { at, before, after } = this.#cell(cellOf(instant));
    return instant < at ? before : after;
  }

  /** The first shift after an instant, at or before another. */
  firstShift(after: Instant, until: Instant): ClockShift | undefined {
    for (let number = cellOf(after); number <= cellOf(until); number++) {
      const cell = this.#cell(number);
      if (cell.at > after && cell.at <= until) return cell;
    }
    return undefined;
  }

  /** The last shift after an instant, at or before another. */
  lastShift(after: Instant, until: Instant): ClockShift | undefined {
    for (let number = cellOf(until); number >= cellOf(after); number--) {
      const cell = this.#cell(number);
      if (cell.at > after && cell.at <= until) return cell;
    }
    return undefined;
  }

  /** Without a shift in it, a cell keeps one that never comes. */
  #cell(number: number): ClockShift {
    const known = this.#cells.get(number);
    if (known !== undefined) return known;
    const start = number * CELL_MS;
    const end = start + CELL_MS;
    // Most often the neighbour knows: time is walked along.
    const before = this.#knownAt(number - 1, "end") ?? this.#ask(start);
    const after = this.#knownAt(number + 1, "start") ?? this.#ask(end);
    const at = before === after ? Number.POSITIVE_INFINITY : this.#shiftWithin(start, end, after);
    const cell = { at, before, after };
    this.#cells.set(number, cell);
    return cell;
  }

  #knownAt(number: number, side: "start" | "end"): number | undefined {
    const cell = this.#cells.get(number);
    return side === "start" ? cell?.before : cell?.after;
  }

  /** Clocks are set on whole seconds. */
  #shiftWithin(start: Instant, end: Instant, after: number): Instant {
    let low = start;
    let high = end;
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000;
      if (this.#ask(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  #ask(when: Instant): number {
    const instant = Math.max(when, FIRST_CLOCKS);
    const shown = new Map(this.#format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes): number => shown.get(type) ?? 0;
    const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
    return wall - instant;
  }
}

const CELL_MS = 3 * 86_400_000;

/** The year 1800: until then every place kept the time of its sun, and `Intl` counts years before the first backwards. */
const FIRST_CLOCKS = -5_364_662_400_000;

/**
 * A shift at the first instant of a cell belongs to the cell before it, which is asked for that instant last; both know
 * the offset from then on.
 */
function cellOf(instant: Instant): number {
  return Math.floor(instant / CELL_MS);
}
