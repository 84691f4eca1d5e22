/** What the clocks of a zone have shown, minute by minute. */
export interface MinuteWalk {
  readonly instants: readonly number[];
  /** Of each instant the place of its local date in `dates`, and the minute of that day. */
  readonly days: readonly number[];
  readonly minutes: readonly number[];
  readonly dates: readonly LocalDate[];
  /** Where clocks have left minutes out. */
  readonly jumps: readonly Jump[];
}

/** Minutes from one up to but without another, both as milliseconds of a clock in UTC that would show them. */
interface Jump {
  /** The first instant after it. */
  readonly instant: number;
  readonly from: number;
  readonly to: number;
}

export interface LocalDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Days since 1970-01-01. */
  readonly ordinal: number;
}

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 1_440 * MINUTE;

/** Local times of one zone, asked of `Intl`, the zone data of the platform, and of nothing of ours. */
export class LocalClock {
  readonly #format: Intl.DateTimeFormat;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      ...{ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" },
    });
  }

  /** As milliseconds of a clock in UTC that shows the same. */
  shownAt(instant: number): number {
    const text = this.#format.format(instant);
    const [month, day, year, hour, minute] = [0, 3, 6, 12, 15].map((from) => Number.parseInt(text.slice(from), 10));
    return Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute);
  }

  /**
   * Every minute from one instant to another. `quarters`: asks every quarter of an hour, and for the minutes between only
   * where the clocks have not gone on by just that.
   */
  walk(from: number, to: number, grain: "minutes" | "quarters"): MinuteWalk {
    const seen = new Walked();
    let shown = this.shownAt(from);
    for (let at = from; at < to; ) {
      const next = grain === "quarters" ? this.shownAt(at + QUARTER) : Number.NaN;
      const isPlain = next - shown === QUARTER;
      for (let step = 0; step < QUARTER && at < to; step += MINUTE) {
        seen.add(at, isPlain ? shown + step : this.shownAt(at));
        at += MINUTE;
      }
      shown = isPlain ? next : this.shownAt(at);
    }
    return seen;
  }

  /** Instants at which the offset changes. No zone sets its clocks twice within two days. */
  shifts(from: number, to: number): readonly number[] {
    const found: number[] = [];
    const offset = (at: number): number => this.shownAt(at) - at;
    for (let at = from; at < to; at += 2 * DAY) {
      if (offset(at) === offset(at + 2 * DAY)) continue;
      let [low, high] = [at, at + 2 * DAY];
      while (high - low > MINUTE) {
        const middle = low + Math.floor((high - low) / 2 / MINUTE) * MINUTE;
        if (offset(middle) === offset(high)) high = middle;
        else low = middle;
      }
      found.push(high);
    }
    return found;
  }

  /** Equal for zones whose clocks have always shown the same. */
  history(from: number, to: number): string {
    const changes = [from, ...this.shifts(from, to)];
    return changes.map((at) => `${at}:${this.shownAt(at) - at}`).join(" ");
  }
}

class Walked implements MinuteWalk {
  readonly instants: number[] = [];
  readonly days: number[] = [];
  readonly minutes: number[] = [];
  readonly dates: LocalDate[] = [];
  readonly jumps: Jump[] = [];
  #last = Number.POSITIVE_INFINITY;
  readonly #places = new Map<number, number>();

  add(instant: number, shown: number): void {
    const ordinal = Math.floor(shown / DAY);
    if (shown > this.#last + MINUTE) this.jumps.push({ instant, from: this.#last + MINUTE, to: shown });
    this.#last = shown;
    this.instants.push(instant);
    this.days.push(this.#places.get(ordinal) ?? this.#addDate(ordinal));
    this.minutes.push((shown - ordinal * DAY) / MINUTE);
  }

  #addDate(ordinal: number): number {
    const date = new Date(ordinal * DAY);
    this.dates.push({ year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), ordinal });
    this.#places.set(ordinal, this.dates.length - 1);
    return this.dates.length - 1;
  }
}
