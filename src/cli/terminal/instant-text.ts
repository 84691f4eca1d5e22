/** An instant as the person's own clock shows it, `2026-11-21 03:04:05`. */
export function formatInstant(instant: number): string {
  const local = new Date(instant - new Date(instant).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

/** The time of day of an instant with milliseconds, `03:04:05.123`, on the person's own clock. */
export function formatTimeOfDay(instant: number): string {
  const local = new Date(instant - new Date(instant).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(11, 23);
}
