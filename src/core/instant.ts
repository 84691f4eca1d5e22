/** UTC milliseconds since 1970-01-01T00:00:00Z, an integer. */
export type Instant = number;

/** A data interval `[start, end)`. A run without a schedule has `start === end`. */
export interface DataInterval {
  readonly start: Instant;
  readonly end: Instant;
}

/** To the second, in UTC, for texts that may be read in any zone: `2026-01-02T03:04:05Z`. */
export function instantText(instant: Instant): string {
  return new Date(instant).toISOString().replace(/\.\d+Z$/, "Z");
}

/** To the second, in UTC, without dashes and colons, for names of files: `20260102T030405`. */
export function compactInstant(instant: Instant): string {
  return new Date(instant).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}

/** For programs, `2026-01-02T03:04:05.678Z`: ISO 8601 in UTC, to the millisecond. */
export function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}
