import { formatDuration } from "../duration.ts";
import type { Timing } from "./schedule-spec.ts";

/** A timing in the words in which it was given, for people. */
export function timingText(timing: Timing): string {
  switch (timing.kind) {
    case "cron":
      return timing.expression;
    case "every":
      return `every ${formatDuration(timing.ms)}`;
    case "once":
      return "@once";
    case "continuous":
      return "@continuous";
    case "code":
      return "by its own function";
  }
}
