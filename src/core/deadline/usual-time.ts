import { USUAL_RUNS_MIN } from "./deadline-spec.ts";

/** What 95 of 100 have taken at most; undefined where too few are known to say. */
export function usualMs(durations: readonly number[]): number | undefined {
  if (durations.length < USUAL_RUNS_MIN) return undefined;
  const sorted = [...durations].sort((one, other) => one - other);
  return sorted[Math.min(Math.ceil(sorted.length * 0.95), sorted.length) - 1];
}
