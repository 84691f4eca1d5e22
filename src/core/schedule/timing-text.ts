import type { Timing } from "./schedule-spec.ts";

/** A timing in the words in which it is given, for people: `0 6 * * *`, `every 10m`, `every 1 day`, `@once`. */
export function timingText(timing: Timing): string {
  switch (timing.kind) {
    case "cron":
      return timing.expression;
    case "every":
      return `every ${stepText(timing.ms)}`;
    case "every_days":
      return `every ${timing.days} day${timing.days === 1 ? "" : "s"}`;
    case "once":
      return "@once";
    case "continuous":
      return "@continuous";
    case "code":
      return "by its own function";
  }
}

/** In the largest unit of which it is a whole number. */
function stepText(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, size]) => ms % size === 0) ?? SMALLEST;
  return `${ms / unitMs}${unit}`;
}

const SMALLEST = ["ms", 1] as const;
const UNITS = [["h", 3_600_000], ["m", 60_000], ["s", 1_000], SMALLEST] as const;
