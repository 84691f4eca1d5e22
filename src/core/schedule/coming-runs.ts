import type { Instant } from "../instant.ts";
import { planTicks } from "./plan-ticks.ts";
import type { PlannedInterval, ScheduleState } from "./schedule-state.ts";

/** A run that a schedule is going to make. */
export interface ComingRun extends PlannedInterval {
  /** When it is created. */
  readonly at: Instant;
}

/** Turns that find nothing to create: those of a calendar that holds back much. */
const TURNS_MAX = 1_000;

/**
 * The next runs of a schedule if nothing changes, by the plan that makes them. What hangs on how long runs take, or on a
 * function of the user, has none.
 */
export function comingRuns(state: ScheduleState, now: Instant, count: number): readonly ComingRun[] {
  const found: ComingRun[] = [];
  if (!state.spec.enabled || state.spec.timing.kind === "continuous") return found;
  let after: ScheduleState = state;
  let at = now;
  for (let turns = 0; turns < TURNS_MAX && found.length < count; turns++) {
    const { runs, mark, nextAt } = planTicks(after, at);
    for (const run of runs) found.push({ ...run, at });
    if (nextAt === undefined) break;
    after = { ...after, ...(mark === undefined ? {} : { mark }) };
    at = Math.max(nextAt, at);
  }
  return found.slice(0, count);
}
