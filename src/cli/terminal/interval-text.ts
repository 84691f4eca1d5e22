import type { DataInterval, Instant } from "../../core/instant.ts";

/** An interval in UTC, no longer than it must be: `2024-01-01T06:00Z/2024-01-02T06:00Z`; an empty one is a moment. */
export function intervalText({ start, end }: DataInterval): string {
  return start === end ? utc(start) : `${utc(start)}/${utc(end)}`;
}

function utc(instant: Instant): string {
  return new Date(instant).toISOString().replace(/(:00)?\.000Z$/, "Z");
}
