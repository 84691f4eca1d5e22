/** UTC milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type Instant = number;

/** A data interval `[start, end)`. A run without a schedule has `start === end`. */
export interface DataInterval {
  readonly start: Instant;
  readonly end: Instant;
}
