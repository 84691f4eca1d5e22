import type { Instant } from "../core/instant.ts";
import { BatutaError } from "../core/problem.ts";
import { NO_RUN } from "./records.ts";
import type { ScheduleRow } from "./schedule-rows.ts";
import type { ScheduleFault } from "./schedule-store.ts";
import type { WorkingSet } from "./working-set.ts";

/** After this a schedule that could not be planned is tried again, doubled each time up to the maximum. */
const DELAY_MS_FIRST = 60_000;
const DELAY_MS_MAX = 60 * 60_000;

export function faultAfter(fault: string | null, error: unknown, now: Instant): ScheduleFault {
  const { since, times } = ofThisDeployment(fault) ?? { since: now, times: 0 };
  const { hint, location } = error instanceof BatutaError ? error : {};
  return {
    message: error instanceof Error ? error.message : String(error),
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
    since,
    times: times + 1,
  };
}

export function retryDelayMs({ times }: ScheduleFault): number {
  return Math.min(DELAY_MS_FIRST * 2 ** (times - 1), DELAY_MS_MAX);
}

/** What a deployment leaves of a fault: whether the schedule is well now is for the next look to say. */
export function faultOfBefore(fault: string | null): string | null {
  return fault === null ? null : JSON.stringify({ ...(JSON.parse(fault) as ScheduleFault), times: 0 });
}

/** That a schedule is set aside is told once, anew after each deployment, and so that it is well again. */
export function noteFault(set: WorkingSet, row: ScheduleRow, decided: Pick<ScheduleRow, "fault" | "nextAt">): void {
  const { project, pipeline, name: schedule } = row;
  if (decided.fault === null) {
    if (row.fault !== null) set.note(NO_RUN, { kind: "schedule_mended", project, pipeline, schedule });
    return;
  }
  const { since: _, times, ...fault } = JSON.parse(decided.fault) as ScheduleFault;
  if (ofThisDeployment(row.fault) !== undefined || times !== 1) return;
  const againAt = decided.nextAt ?? set.now;
  set.note(NO_RUN, { kind: "schedule_set_aside", project, pipeline, schedule, ...fault, againAt });
}

function ofThisDeployment(fault: string | null): ScheduleFault | undefined {
  const known = fault === null ? undefined : (JSON.parse(fault) as ScheduleFault);
  return known?.times === 0 ? undefined : known;
}
