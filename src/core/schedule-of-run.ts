import type { ScheduleSpec } from "./schedule/schedule-spec.ts";

/** What a run knows of the schedule on whose interval it works. */
export interface ScheduleOfRun extends Pick<ScheduleSpec, "name" | "timezone"> {
  /** Absent when its version has no such schedule any more. */
  readonly timing?: ScheduleSpec["timing"];
}
